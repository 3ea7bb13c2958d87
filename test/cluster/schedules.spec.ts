import type { EtcdClient, KeyValue } from '@app/etcd';
import { decodeControl, decodeResource, decodeSchedule, keys } from '@app/resources';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import { SHORT_TERM, type MasterProcess } from './master-process.js';
import { ScriptedWorker } from './scripted-worker.js';

const LONG_MS = 180_000;
const EACH_SECOND = '* * * * * *';
const SECOND_MS = 1_000;

describe('schedules', () => {
  let cluster: Cluster;
  let worker: ScriptedWorker;

  beforeAll(async () => {
    cluster = await Cluster.start();
    worker = await ScriptedWorker.start(cluster, '1');
  });
  afterAll(async () => {
    worker.stop();
    await cluster.stop();
  });

  async function masters(...ids: string[]): Promise<MasterProcess[]> {
    const started: MasterProcess[] = [];
    for (const id of ids) {
      started.push(await cluster.master(id, SHORT_TERM));
      await cluster.leader(started);
    }
    for (const master of started) await cluster.workersKnown(master, 1);
    return started;
  }

  const add = (master: MasterProcess, name: string, schedule: string | object) =>
    master.rest('POST', '/crawler/resource', { name, spec: { seeds: ['http://a/'], schedule } });

  const runOf = async (name: string): Promise<number> => {
    const id = decodeResource((await cluster.client.get(keys.resource(name)))!.value)!.id;
    return decodeControl((await cluster.client.get(keys.control(name)))?.value, id).run;
  };
  const settledAtOf = async (name: string): Promise<number> =>
    decodeSchedule((await cluster.client.get(keys.schedule(name)))!.value)!.settledAt;

  it(
    'fire each time once, while one leader after the other is killed around it',
    async () => {
      let alive = await masters('1', '2', '4');
      const names = Array.from({ length: 20 }, (_, i) => `every-second-${i}`);
      const history = await History.follow(cluster);
      const startedAt = Date.now();
      for (const name of names)
        expect(await add(alive[2]!, name, EACH_SECOND)).toMatchObject({ status: 200 });

      for (let kills = 0; kills < 2; kills++) {
        const fired = history.count;
        await until(() => history.count > fired + 2 * names.length, {
          what: 'schedules fire',
        });
        const leader = await cluster.leader(alive);
        alive = alive.filter((master) => master !== leader);
        // Right at a second's turn, when all of them are due.
        await until(() => Date.now() % SECOND_MS < 20, { what: 'the second turns', everyMs: 5 });
        await leader.kill();
      }
      const fired = history.count;
      await until(() => history.count > fired + 2 * names.length, {
        what: 'they fire again',
      });
      await history.end();

      for (const name of names) {
        const firings = history.of(name);
        // Each began the run after the last one, and no two of them are of the same second.
        expect(firings.map(({ run }) => run)).toEqual(firings.map((_, i) => i + 2));
        const seconds = firings.map(({ settledAt }) => secondOf(settledAt));
        expect(new Set(seconds).size).toBe(seconds.length);
        expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
        expect(firings.length).toBeLessThanOrEqual((Date.now() - startedAt) / SECOND_MS + 1);
      }
      expect(await cluster.disagreements()).toEqual([]);
      for (const name of names) await alive[0]!.remove(name);
      await alive[0]!.stop();
    },
    LONG_MS,
  );

  it(
    'make up once for what was missed while nobody led',
    async () => {
      const [first] = await masters('5');
      await add(first!, 'missed', EACH_SECOND);
      await until(async () => (await runOf('missed')) > 1, { what: 'it fires' });
      await first!.stop();
      const [run, settledAt] = [await runOf('missed'), await settledAtOf('missed')];
      await until(() => Date.now() > settledAt + 4 * SECOND_MS, { what: 'four firings are missed' });
      const history = await History.follow(cluster);
      const [second] = await masters('6');
      await until(() => history.count >= 3, { what: 'it fires again' });
      await history.end();
      const firings = history.of('missed');
      expect(firings[0]?.run).toBe(run + 1);
      // One makes up, the others wait for their second.
      const lastedMs = firings.at(-1)!.settledAt - firings[0]!.settledAt;
      expect(firings.length).toBeLessThanOrEqual(lastedMs / SECOND_MS + 2);
      // The transaction is seen in etcd before the line that tells of it is written.
      await until(() => second!.logged('schedule fired').length >= 3, { what: 'the firings are logged' });
      await second!.remove('missed');
      await second!.stop();
    },
    LONG_MS,
  );

  describe('of a leader that stays', () => {
    let leader: MasterProcess;
    beforeAll(async () => {
      [leader] = (await masters('7')) as [MasterProcess];
    }, LONG_MS);

    it(
      'begin with the spec, follow its changes, and end with it',
      async () => {
        const later = new Date(Date.now() + 7_200_000);
        await add(leader, 'life', {
          cron: `${later.getUTCSeconds()} ${later.getUTCMinutes()} ${later.getUTCHours()} * * *`,
          timeZone: 'UTC',
        });
        const answer = await leader.rest('GET', '/crawler/resource/life?consistency=strong');
        const nextRunAt = new Date(Math.floor(later.getTime() / 1_000) * 1_000).toISOString();
        expect(answer.body['nextRunAt']).toBe(nextRunAt.replace('.000Z', 'Z'));
        expect(await runOf('life')).toBe(1);

        const spec = (schedule?: string) =>
          leader.rest('PUT', '/crawler/resource/life/spec', {
            seeds: ['http://a/'],
            ...(schedule === undefined ? {} : { schedule }),
          });
        await spec(EACH_SECOND);
        await until(async () => (await runOf('life')) >= 3, { what: 'it fires each second' });
        await spec();
        expect(await cluster.client.get(keys.schedule('life'))).toBeUndefined();
        const run = await runOf('life');
        await add(leader, 'another', EACH_SECOND);
        await until(async () => (await runOf('another')) >= 3, { what: 'another one fires twice' });
        expect(await runOf('life')).toBe(run);
        await leader.remove('another');

        await spec(EACH_SECOND);
        await leader.rest('DELETE', '/crawler/resource', { name: 'life' });
        expect(await cluster.client.count(keys.schedules)).toBe(0);
      },
      LONG_MS,
    );

    it(
      'do not fire while the resource is paused, and make up for none of that',
      async () => {
        await add(leader, 'paused', EACH_SECOND);
        await leader.rest('POST', '/crawler/resource/paused/pause');
        const run = await runOf('paused');
        const [before, from] = [await settledAtOf('paused'), Date.now()];
        await until(async () => (await settledAtOf('paused')) > Math.max(before, from) + 2_000, {
          what: 'firings are passed over',
        });
        expect(await runOf('paused')).toBe(run);
        const isTold = async (): Promise<boolean> =>
          'nextRunAt' in (await leader.rest('GET', '/crawler/resource/paused')).body;
        await until(async () => !(await isTold()), { what: 'no next run is told' });
        const passedOver = secondOf(await settledAtOf('paused'));
        await leader.rest('POST', '/crawler/resource/paused/resume');
        await until(async () => (await runOf('paused')) >= run + 2, { what: 'it fires again' });
        // Not more often than there were seconds.
        const runs = (await runOf('paused')) - run;
        expect(runs).toBeLessThanOrEqual(secondOf(await settledAtOf('paused')) - passedOver);
        await leader.remove('paused');
      },
      LONG_MS,
    );

    it(
      'leave a firing out or keep it for later, while a run is under way',
      async () => {
        for (const overlap of ['skip', 'queue']) {
          worker.states.set(overlap, 'running');
          await add(leader, overlap, { cron: EACH_SECOND, overlap });
        }
        const [skipped, queued] = [await settledAtOf('skip'), await settledAtOf('queue')];
        await until(async () => (await settledAtOf('skip')) > skipped + 2_000, {
          what: 'firings are skipped',
        });
        expect([await runOf('skip'), await runOf('queue')]).toEqual([1, 1]);
        expect(await settledAtOf('queue')).toBe(queued);
        for (const overlap of ['skip', 'queue']) worker.states.set(overlap, 'done');
        await until(async () => (await runOf('skip')) > 1 && (await runOf('queue')) > 1, {
          what: 'both fire',
        });
        // They are counted when etcd has them.
        await until(
          async () => {
            const metrics = await (await fetch(`http://${leader.http}/metrics`)).text();
            expect(metrics).toMatch(/orbweaver_schedule_firings_total\{outcome="skipped"\} [1-9]/);
            expect(metrics).toMatch(/orbweaver_schedule_firings_total\{outcome="fired"\} [1-9]/);
            expect(metrics).toMatch(/orbweaver_schedules 2\n/);
            return true;
          },
          { what: 'the firings are counted' },
        );
        for (const overlap of ['skip', 'queue']) await leader.remove(overlap);
      },
      LONG_MS,
    );

    it(
      'of a resource that a foreign program has deleted are taken away',
      async () => {
        await leader.rest('POST', '/crawler/resource', { name: 'by name alone' });
        await add(leader, 'gone', EACH_SECOND);
        await cluster.client.delete(keys.resource('gone'));
        await until(async () => (await cluster.client.get(keys.schedule('gone'))) === undefined, {
          what: 'its schedule is gone',
        });
        expect(await cluster.client.get(keys.resource('gone'))).toBeUndefined();
      },
      LONG_MS,
    );

    it('that are due by ten thousands in one second all fire, and let others write meanwhile', async () => {
      const COUNT = 10_000;
      worker.asked.length = 0;
      // Those that are not added by then fire a minute later.
      const dueAt = new Date(Date.now() + 12_000);
      const spec = { seeds: ['http://a/'], schedule: `${dueAt.getUTCSeconds()} * * * * *` };
      for (let from = 0; from < COUNT; from += 1_000) {
        const resources = Array.from({ length: 1_000 }, (_, i) => ({ name: `many-${from + i}`, spec }));
        const { status } = await leader.rest('POST', '/crawler/resources', { resources });
        expect(status).toBe(200);
      }
      const control = keys.control('many-');
      const others: string[] = [];
      await until(
        async () => {
          others.push(`another-${others.length}`);
          await leader.add(others.at(-1)!);
          return (await cluster.client.count(control)) === COUNT;
        },
        { what: 'all have fired', timeoutMs: 240_000 },
      );
      const { entries } = await cluster.client.range({ prefix: control });
      const firings = entries.map(({ modRevision }) => modRevision).sort((a, b) => (a < b ? -1 : 1));
      const added = await Promise.all(others.map((name) => cluster.client.get(keys.resource(name))));
      const isBetween = (revision: bigint): boolean => revision > firings[0]! && revision < firings.at(-1)!;
      expect(added.filter((one) => isBetween(one!.modRevision)).length).toBeGreaterThan(0);
      expect(Math.max(...worker.asked)).toBeLessThanOrEqual(1_000);
      expect(worker.asked.length).toBeLessThan(COUNT / 100);
    }, 300_000);
  });
});

function secondOf(at: number): number {
  return Math.floor(at / SECOND_MS);
}

/** Every firing since it began to follow, from the events of etcd. */
class History {
  private readonly firings = new Map<string, { run: number; settledAt: number }[]>();
  private readonly schedules = new Map<string, number>();
  private readonly runs = new Map<string, number>();
  count = 0;
  private isFollowing = false;
  private readonly over = new AbortController();
  private following = Promise.resolve();

  /** Nothing that is fired from here on is missed. */
  static async follow({ client }: Cluster): Promise<History> {
    const history = new History();
    history.following = history.read(client);
    await until(() => history.isFollowing, { what: 'the firings are followed' });
    return history;
  }

  async end(): Promise<void> {
    this.over.abort();
    await this.following;
  }

  private async read(client: EtcdClient): Promise<void> {
    const { signal } = this.over;
    for await (const batch of client.follow(['/orbweaver/control/', keys.schedules], { signal })) {
      if (batch.kind === 'snapshot') this.isFollowing = batch.last;
      if (batch.kind !== 'events') continue;
      for (const { type, kv } of batch.events) if (type === 'put') this.note(kv);
    }
  }

  of(name: string): { run: number; settledAt: number }[] {
    return this.firings.get(name) ?? [];
  }

  /** Both keys of a firing are put at one revision; either event may come first. */
  private note({ key, value, modRevision }: KeyValue): void {
    const name = key.slice(key.lastIndexOf('/') + 1);
    const at = `${name} ${modRevision}`;
    if (key.startsWith(keys.schedules)) this.schedules.set(at, decodeSchedule(value)!.settledAt);
    else this.runs.set(at, (JSON.parse(value) as { run: number }).run);
    const [run, settledAt] = [this.runs.get(at), this.schedules.get(at)];
    if (run === undefined || settledAt === undefined) return;
    this.firings.set(name, [...this.of(name), { run, settledAt }]);
    this.count++;
  }
}
