import type { cluster as proto } from '@app/proto';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import type { MasterProcess } from './master-process.js';

const LONG_MS = 60_000;

type Told = Pick<proto.ClusterEvent, 'id' | 'kind' | 'message' | 'subject' | 'to' | 'count'>;

describe('the events of a cluster', () => {
  let cluster: Cluster;
  const ends: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    cluster = await Cluster.start();
  });
  afterEach(async () => {
    await Promise.all(ends.splice(0).map((end) => end()));
    await cluster.stop();
  });

  /** What a master tells over server-sent events, filled as it comes. */
  async function follow(master: MasterProcess, lastId?: string): Promise<Told[]> {
    const gone = new AbortController();
    const answer = await fetch(`http://${master.http}/crawler/event`, {
      signal: gone.signal,
      ...(lastId === undefined ? {} : { headers: { 'last-event-id': lastId } }),
    });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const told: Told[] = [];
    const read = async (): Promise<void> => {
      let text = '';
      for await (const bytes of answer.body!.pipeThrough(new TextDecoderStream())) {
        text += bytes;
        const events = text.split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) {
          const data = /^data: (.*)$/m.exec(event)?.[1];
          if (data !== undefined) told.push(JSON.parse(data) as Told);
        }
      }
    };
    const reading = read().catch(() => undefined);
    ends.push(async () => {
      gone.abort();
      await reading;
    });
    return told;
  }

  const kinds = (told: Told[]) => told.map(({ kind }) => kind);

  it(
    'are told by leader and follower alike, as they happen, and again to who comes back',
    async () => {
      const first = await cluster.master('1');
      await cluster.leader([first]);
      const second = await cluster.master('2');
      await cluster.leader();
      const following = [await follow(first), await follow(second)];

      const [one, two] = [await cluster.registerWorker('1'), await cluster.registerWorker('2')];
      await cluster.workersKnown(first, 2);
      for (let i = 0; i < 20; i++) await first.add(`r${i}`);
      expect(await second.rest('POST', `/crawler/node/${one}/drain`)).toMatchObject({ status: 200 });
      const moved = { kind: 'resources moved', subject: one, to: two };
      for (const told of following) {
        await until(() => sum(told.filter((event) => matches(event, moved))) === 10, {
          what: 'the ten moves are told',
        });
        expect(kinds(told).filter((kind) => kind === 'worker joined')).toHaveLength(2);
        expect(told.find(({ kind }) => kind === 'drain begun')?.message).toBe(`${one} is being drained.`);
      }
      for (const name of ['r0', 'r1', 'r2']) {
        expect((await second.rest('POST', `/crawler/resource/${name}/restart`)).status).toBe(200);
      }
      expect((await second.rest('POST', '/crawler/resource/r0/pause')).status).toBe(200);
      for (const told of following) {
        await until(() => sum(told.filter(({ kind }) => kind === 'run begun')) === 3, {
          what: 'the runs are told, together',
          timeoutMs: 20_000,
        });
        expect(told.find(({ kind }) => kind === 'resource paused')?.message).toBe('r0 was paused.');
      }
      await cluster.unregisterWorker('1');
      await until(() => following.every((told) => kinds(told).includes('worker left')), {
        what: 'it is gone',
      });

      const [, bySecond] = following as [Told[], Told[]];
      const seen = bySecond.length;
      const stoppedAt = performance.now();
      await first.stop();
      // By those who follow it is not held up.
      expect(performance.now() - stoppedAt).toBeLessThan(5_000);
      await until(() => kinds(bySecond.slice(seen)).includes('leader elected'), { what: 'another leads' });
      expect(kinds(bySecond)).toContain('master left');

      const last = bySecond.at(-2)!;
      const again = await follow(second, last.id);
      await until(() => again.length > 0, { what: 'what came after is told' });
      expect(again[0]).toEqual(bySecond.at(-1));
    },
    LONG_MS,
  );

  it(
    'say why a leader ended, as every master tells it, also one that was not there',
    async () => {
      const [first, second] = [await cluster.master('1'), await cluster.master('2')];
      await cluster.leader([first, second]);
      const endOf = (leader: MasterProcess, asked: MasterProcess, reason: RegExp) =>
        until(
          async () => {
            const { lastEnd } = await asked.masters();
            return lastEnd?.value.endsWith(leader.grpcAddress) && reason.test(lastEnd.reason) && lastEnd;
          },
          { what: `${asked.http} tells why ${leader.http} ended`, timeoutMs: 20_000 },
        );
      const lossOf = async (leader: MasterProcess, told: Told[]): Promise<string> => {
        const isLoss = ({ kind, subject }: Told): boolean =>
          kind === 'leader lost' && subject.endsWith(leader.grpcAddress);
        const lost = await until(() => told.find(isLoss), { what: 'the loss is told', timeoutMs: 20_000 });
        const isNext = ({ kind }: Told): boolean => kind === 'leader elected';
        await until(() => told.slice(told.indexOf(lost)).some(isNext), { what: 'then who leads next' });
        return lost.message;
      };

      const bySecond = await follow(second);
      await first.stop();
      expect(await endOf(first, second, /^It was stopped\.$/)).toMatchObject({ cause: 'resigned' });
      expect(await lossOf(first, bySecond)).toMatch(/ leads no more\. It was stopped\.$/);

      const third = await cluster.master('3');
      const byThird = await follow(third);
      await second.kill();
      expect(await lossOf(second, byThird)).toMatch(/ leads no more\. Its lease expired: it died/);
      const fourth = await cluster.master('4');
      for (const master of [third, fourth]) {
        expect(await endOf(second, master, /./)).toMatchObject({ cause: 'lease expired' });
      }

      third.process.signal('SIGSTOP');
      await endOf(third, fourth, /^Its lease expired: it died/);
      third.process.signal('SIGCONT');
      // It lives, and knows better.
      for (const master of [third, fourth]) {
        expect(await endOf(third, master, /its process stood still/)).toMatchObject({
          cause: 'lease expired',
        });
      }
    },
    LONG_MS,
  );
});

function sum(events: Told[]): number {
  return events.reduce((all, { count }) => all + count, 0);
}

function matches(event: Told, wanted: Partial<Told>): boolean {
  return Object.entries(wanted).every(([key, value]) => event[key as keyof Told] === value);
}
