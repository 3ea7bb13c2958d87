import type { KeyValue } from '@app/etcd';
import { decodeControl, decodeResource, decodeSchedule, keys } from '@app/resources';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import type { MasterProcess } from './master-process.js';
import { ScriptedWorker } from './scripted-worker.js';

const LONG_MS = 90_000;
const EACH_SECOND = '* * * * * *';
const SECOND_MS = 1_000;

describe('schedules', () => {
  let cluster: Cluster;
  let worker: ScriptedWorker;

  beforeEach(async () => {
    cluster = await Cluster.start();
    worker = await ScriptedWorker.start(cluster, '1');
  });
  afterEach(async () => {
    worker.stop();
    await cluster.stop();
  });

  async function masters(...ids: string[]): Promise<MasterProcess[]> {
    const started: MasterProcess[] = [];
    for (const id of ids) {
      started.push(await cluster.master(id));
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
      const history = new History();
      const following = new AbortController();
      const watching = history.follow(cluster, following.signal);
      const startedAt = Date.now();
      for (const name of names)
        expect(await add(alive[2]!, name, EACH_SECOND)).toMatchObject({ status: 200 });

      for (let kills = 0; kills < 2; kills++) {
        const fired = history.count;
        await until(() => history.count > fired + 2 * names.length, {
          what: 'schedules fire',
          timeoutMs: 30_000,
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
        timeoutMs: 30_000,
      });
      following.abort();
      await watching;

      for (const name of names) {
        const firings = history.of(name);
        // Each began the run after the last one, and no two of them are of the same second.
        expect(firings.map(({ run }) => run)).toEqual(firings.map((_, i) => i + 2));
        const seconds = firings.map(({ settledAt }) => Math.floor(settledAt / SECOND_MS));
        expect(new Set(seconds).size).toBe(seconds.length);
        expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
        expect(firings.length).toBeLessThanOrEqual((Date.now() - startedAt) / SECOND_MS + 1);
      }
      expect(await cluster.disagreements()).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'make up once for what was missed while nobody led',
    async () => {
      const [first] = await masters('1');
      await add(first!, 'missed', EACH_SECOND);
      await until(async () => (await runOf('missed')) > 1, { what: 'it fires' });
      await first!.stop();
      const [run, settledAt] = [await runOf('missed'), await settledAtOf('missed')];
      await until(() => Date.now() > settledAt + 4 * SECOND_MS, { what: 'four firings are missed' });
      const history = new History();
      const following = new AbortController();
      const watching = history.follow(cluster, following.signal);
      const [second] = await masters('2');
      await until(() => history.count >= 3, { what: 'it fires again' });
      following.abort();
      await watching;
      const firings = history.of('missed');
      expect(firings[0]?.run).toBe(run + 1);
      // One makes up, the others wait for their second.
      const lastedMs = firings.at(-1)!.settledAt - firings[0]!.settledAt;
      expect(firings.length).toBeLessThanOrEqual(lastedMs / SECOND_MS + 2);
      // The transaction is seen in etcd before the line that tells of it is written.
      await until(() => second!.logged('schedule fired').length >= 3, { what: 'the firings are logged' });
    },
    LONG_MS,
  );

  it(
    'begin with the spec, follow its changes, and end with it',
    async () => {
      const [leader] = await masters('1');
      const in3s = new Date(Date.now() + 3_000);
      await add(leader!, 'life', {
        cron: `${in3s.getUTCSeconds()} ${in3s.getUTCMinutes()} ${in3s.getUTCHours()} * * *`,
        timeZone: 'UTC',
      });
      const answer = await leader!.rest('GET', '/crawler/resource/life?consistency=strong');
      const nextRunAt = new Date(Math.floor(in3s.getTime() / 1_000) * 1_000).toISOString();
      expect(answer.body['nextRunAt']).toBe(nextRunAt.replace('.000Z', 'Z'));
      expect(await runOf('life')).toBe(1);
      await until(async () => (await runOf('life')) === 2, { what: 'it fires' });

      const spec = (schedule?: string) =>
        leader!.rest('PUT', '/crawler/resource/life/spec', {
          seeds: ['http://a/'],
          ...(schedule === undefined ? {} : { schedule }),
        });
      await spec(EACH_SECOND);
      await until(async () => (await runOf('life')) >= 4, { what: 'it fires each second' });
      await spec();
      expect(await cluster.client.get(keys.schedule('life'))).toBeUndefined();
      const run = await runOf('life');
      const passedAt = Date.now() + 2_500;
      await until(() => Date.now() > passedAt, { what: 'two seconds pass' });
      expect(await runOf('life')).toBe(run);

      await spec(EACH_SECOND);
      await leader!.rest('DELETE', '/crawler/resource', { name: 'life' });
      expect(await cluster.client.count(keys.schedules)).toBe(0);
    },
    LONG_MS,
  );

  it(
    'do not fire while the resource is paused, and make up for none of that',
    async () => {
      const [leader] = await masters('1');
      await add(leader!, 'paused', EACH_SECOND);
      await leader!.rest('POST', '/crawler/resource/paused/pause');
      const run = await runOf('paused');
      const [before, from] = [await settledAtOf('paused'), Date.now()];
      await until(async () => (await settledAtOf('paused')) > Math.max(before, from) + 2_000, {
        what: 'firings are passed over',
      });
      expect(await runOf('paused')).toBe(run);
      expect((await leader!.rest('GET', '/crawler/resource/paused')).body['nextRunAt']).toBeUndefined();
      await leader!.rest('POST', '/crawler/resource/paused/resume');
      const resumedAt = Date.now();
      await until(async () => (await runOf('paused')) === run + 2, { what: 'it fires again' });
      expect(Date.now() - resumedAt).toBeGreaterThan(SECOND_MS / 2);
    },
    LONG_MS,
  );

  it(
    'leave a firing out or keep it for later, while a run is under way',
    async () => {
      const [leader] = await masters('1');
      for (const overlap of ['skip', 'queue']) {
        worker.states.set(overlap, 'running');
        await add(leader!, overlap, { cron: EACH_SECOND, overlap });
      }
      const [skipped, queued] = [await settledAtOf('skip'), await settledAtOf('queue')];
      await until(async () => (await settledAtOf('skip')) > skipped + 2_000, { what: 'firings are skipped' });
      expect([await runOf('skip'), await runOf('queue')]).toEqual([1, 1]);
      expect(await settledAtOf('queue')).toBe(queued);
      for (const overlap of ['skip', 'queue']) worker.states.set(overlap, 'done');
      await until(async () => (await runOf('skip')) > 1 && (await runOf('queue')) > 1, { what: 'both fire' });
      const metrics = await (await fetch(`http://${leader!.http}/metrics`)).text();
      expect(metrics).toMatch(/orbweaver_schedule_firings_total\{outcome="skipped"\} [1-9]/);
      expect(metrics).toMatch(/orbweaver_schedule_firings_total\{outcome="fired"\} [1-9]/);
      expect(metrics).toMatch(/orbweaver_schedules 2\n/);
    },
    LONG_MS,
  );

  it(
    'of a resource that a foreign program has deleted are taken away',
    async () => {
      const [leader] = await masters('1');
      await leader!.rest('POST', '/crawler/resource', { name: 'by name alone' });
      await add(leader!, 'gone', EACH_SECOND);
      await cluster.client.delete(keys.resource('gone'));
      await until(async () => (await cluster.client.get(keys.schedule('gone'))) === undefined, {
        what: 'its schedule is gone',
      });
      expect(await cluster.client.get(keys.resource('gone'))).toBeUndefined();
    },
    LONG_MS,
  );

  it(
    'that are due by ten thousands in one second all fire, and let others write meanwhile',
    async () => {
      const [leader] = await masters('1');
      const COUNT = 10_000;
      const dueAt = new Date(Date.now() + 15_000);
      const schedule = `${dueAt.getUTCSeconds()} ${dueAt.getUTCMinutes()} * * * *`;
      const spec = { seeds: ['http://a/'], schedule: { cron: schedule, timeZone: 'UTC' } };
      for (let from = 0; from < COUNT; from += 1_000) {
        const resources = Array.from({ length: 1_000 }, (_, i) => ({ name: `many-${from + i}`, spec }));
        const { status } = await leader!.rest('POST', '/crawler/resources', { resources });
        expect(status).toBe(200);
      }
      expect(Date.now()).toBeLessThan(dueAt.getTime() - 1_000);
      await until(async () => (await cluster.client.count('/orbweaver/control/')) > 0, {
        what: 'the first has fired',
        timeoutMs: 20_000,
        everyMs: 20,
      });
      const addedAt = performance.now();
      await leader!.add('an ordinary one');
      const addMs = performance.now() - addedAt;
      await until(async () => (await cluster.client.count('/orbweaver/control/')) === COUNT, {
        what: 'all have fired',
        timeoutMs: 30_000,
      });
      const firedMs = Date.now() - Math.floor(dueAt.getTime() / 1_000) * 1_000;
      expect(addMs).toBeLessThan(2_000);
      expect(firedMs).toBeLessThan(20_000);
      const { entries } = await cluster.client.range({ prefix: '/orbweaver/control/' });
      expect(entries.filter(({ value }) => !value.includes('"run":2'))).toEqual([]);
      expect(Math.max(...worker.asked)).toBe(1_000);
    },
    LONG_MS,
  );
});

/** Every firing since it began to follow, from the events of etcd. */
class History {
  private readonly firings = new Map<string, { run: number; settledAt: number }[]>();
  private readonly schedules = new Map<string, number>();
  private readonly runs = new Map<string, number>();
  count = 0;

  async follow({ client }: Cluster, signal: AbortSignal): Promise<void> {
    for await (const batch of client.follow(['/orbweaver/control/', keys.schedules], { signal })) {
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
