import type { cluster as proto } from '@app/proto';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import { SHORT_TERM, type MasterProcess } from './master-process.js';

const LONG_MS = 180_000;

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

  async function messageOf(wanted: string, told: Told[]): Promise<string> {
    return (await until(() => told.find(({ kind }) => kind === wanted), { what: `${wanted} is told` }))
      .message;
  }

  async function firstLeads(...flags: string[]): Promise<[MasterProcess, MasterProcess]> {
    const first = await cluster.master('1', ...flags);
    await cluster.leader([first]);
    const second = await cluster.master('2', ...flags);
    await cluster.leader();
    return [first, second];
  }

  it(
    'are told by leader and follower alike, as they happen, and again to who comes back',
    async () => {
      const [first, second] = await firstLeads();
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
        await until(() => kinds(told).filter((kind) => kind === 'worker joined').length === 2, {
          what: 'both that joined are told',
        });
        expect(await messageOf('drain begun', told)).toBe(`${one} is being drained.`);
      }
      for (const name of ['r0', 'r1', 'r2']) {
        expect((await second.rest('POST', `/crawler/resource/${name}/restart`)).status).toBe(200);
      }
      expect((await second.rest('POST', '/crawler/resource/r0/pause')).status).toBe(200);
      for (const told of following) {
        await until(() => sum(told.filter(({ kind }) => kind === 'run begun')) === 3, {
          what: 'the runs are told, together',
        });
        expect(await messageOf('resource paused', told)).toBe('r0 was paused.');
      }
      await cluster.unregisterWorker('1');
      await until(() => following.every((told) => kinds(told).includes('worker left')), {
        what: 'it is gone',
      });

      const [, bySecond] = following as [Told[], Told[]];
      const seen = bySecond.length;
      await first.stop();
      // By those who follow it is not held up.
      const late = first.logged('a step of stopping failed').filter(({ step }) => step === 'http');
      expect(late).toEqual([]);
      for (const kind of ['leader elected', 'master left']) {
        await until(() => kinds(bySecond.slice(seen)).includes(kind), { what: `${kind} is told` });
      }

      const [last, next] = bySecond.slice(-2) as [Told, Told];
      const again = await follow(second, last.id);
      await until(() => again.length > 0, { what: 'what came after is told' });
      expect(again[0]).toEqual(next);
    },
    LONG_MS,
  );

  it(
    'say why a leader ended, as every master tells it, also one that was not there',
    async () => {
      const [first, second] = await firstLeads(SHORT_TERM);
      const endOf = (leader: MasterProcess, asked: MasterProcess, reason: RegExp) =>
        until(
          async () => {
            const { lastEnd } = await asked.masters();
            return lastEnd?.value.endsWith(leader.grpcAddress) && reason.test(lastEnd.reason) && lastEnd;
          },
          { what: `${asked.http} tells why ${leader.http} ended` },
        );
      const lossOf = async (leader: MasterProcess, told: Told[]): Promise<string> => {
        const isLoss = ({ kind, subject }: Told): boolean =>
          kind === 'leader lost' && subject.endsWith(leader.grpcAddress);
        const lost = await until(() => told.find(isLoss), { what: 'the loss is told' });
        const isNext = ({ kind }: Told): boolean => kind === 'leader elected';
        await until(() => told.slice(told.indexOf(lost)).some(isNext), { what: 'then who leads next' });
        return lost.message;
      };

      const bySecond = await follow(second);
      await first.stop();
      expect(await endOf(first, second, /^It was stopped\.$/)).toMatchObject({ cause: 'resigned' });
      expect(await lossOf(first, bySecond)).toMatch(/ leads no more\. It was stopped\.$/);

      const third = await cluster.master('3', SHORT_TERM);
      const byThird = await follow(third);
      await second.kill();
      expect(await lossOf(second, byThird)).toMatch(/ leads no more\. Its lease expired: it died/);
      const fourth = await cluster.master('4', SHORT_TERM);
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
