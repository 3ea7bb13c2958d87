import { keys } from '@app/resources';
import { until } from '../support/until.js';
import { PAGES, SHORT_LEASE, TTL_MS, World } from './worker-world.js';

const LONG_MS = 180_000;

describe('a worker', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.make();
  }, LONG_MS);
  afterEach(() => world.clear(), LONG_MS);
  afterAll(() => world.remove());

  it(
    'crawls what is assigned to it, shows it, and does not do it again until it is told something new',
    async () => {
      const worker = await world.start('1');
      expect((await worker.status()).state).toBe('registered');
      await world.assign(worker, 'books', world.quickly());
      await world.inState(worker, 'books', 'done');
      expect(await worker.task('books')).toMatchObject({
        pagesDone: BigInt(PAGES),
        pagesQueued: 0n,
        pagesFailed: 0n,
      });
      const { pages, nextPageToken } = await worker.pages('books', 25);
      expect(pages[1]).toMatchObject({
        url: world.site.url.replace(/0$/, '1'),
        status: 200,
        title: 'Page 1',
        depth: 1,
      });
      expect((await worker.pages('books', 25, nextPageToken)).pages).toHaveLength(PAGES - 25);
      await until(() => worker.logged('receive create resource').length > 0, { what: 'it tells of it' });
      expect(worker.logged('receive create resource')).toMatchObject([
        {
          logger: 'worker',
          spec: {
            ID: '1621665639791857664',
            Name: 'books',
            AssignedNode: `${worker.nodeId}|${worker.address}`,
          },
        },
      ]);
      expect(worker.process.lines.join()).toContain('"CreationTime":1675470192274320000}');
      await world.unclaimed();

      await worker.stop();
      const again = await world.start('1');
      await world.inState(again, 'books', 'done');
      expect(world.site.requests).toHaveLength(PAGES);

      await world.assign(again, 'books', { ...world.quickly(), maxPages: 5 });
      await until(() => world.site.requests.length === PAGES + 5, { what: 'it starts over' });
      await until(() => again.logged('receive update resource').length === 1, { what: 'it tells of it' });
      await world.client.delete(keys.assignment(again.nodeId, 'books'));
      await until(() => again.logged('receive delete resource').length === 1, { what: 'it is told' });
    },
    LONG_MS,
  );

  it(
    'hands a running resource over: the other one starts when this one has stopped, and goes on where it stood',
    async () => {
      const [first, second] = await Promise.all([world.start('1'), world.start('2')]);
      await world.assign(first, 'books', world.slowly());
      await world.fetched(5);
      expect(await world.claims()).toEqual([`books ${first.nodeId}`]);
      expect((await first.status()).state).toBe('crawling');
      await world.assign(second, 'books', undefined, first);
      await until(() => world.clientsInOrder().length === 2, { what: 'the other one crawls' });
      world.hurry();
      await world.inState(second, 'books', 'done');
      expect(world.clientsInOrder()).toHaveLength(2);
      expect(world.site.repeated.length).toBeLessThanOrEqual(1);
      expect((await second.task('books')).pagesDone).toBe(BigInt(PAGES));
      await world.unclaimed();
    },
    LONG_MS,
  );

  it(
    'takes over from one that was killed when that one’s lease is over, without fetching again what was done',
    async () => {
      const [first, second] = await Promise.all([world.start('1', ...SHORT_LEASE), world.start('2')]);
      await world.assign(first, 'books', world.slowly());
      const stored = await world.stored(first, 'books', 5);
      await first.kill();
      world.hurry();
      await world.assign(second, 'books', undefined, first);
      await until(async () => (await second.task('books')).reason.includes(`waits for ${first.nodeId}`), {
        what: 'it waits for the claim of the other',
      });
      await world.inState(second, 'books', 'done');
      expect(world.clientsInOrder()).toHaveLength(2);
      expect(world.site.repeatedOf(stored)).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'sends nothing after a pause of the whole process that outlived its lease, though its crawl is moved meanwhile',
    async () => {
      const [first, second] = await Promise.all([world.start('1', ...SHORT_LEASE), world.start('2')]);
      await world.assign(first, 'books', world.slowly());
      await world.fetched(5);
      first.process.signal('SIGSTOP');
      await world.assign(second, 'books', undefined, first);
      await until(() => world.clientsInOrder().length === 2, { what: 'the other one crawls' });
      first.process.signal('SIGCONT');
      await until(() => first.logged('registered').length === 2, { what: 'it registers again' });
      await until(
        async () => {
          expect(await first.status()).toMatchObject({ state: 'registered', assigned: 0, running: 0 });
          return true;
        },
        { what: 'it has nothing to do' },
      );
      world.hurry();
      await world.inState(second, 'books', 'done');
      expect(world.clientsInOrder()).toHaveLength(2);
      expect(first.process.exit()).toBeUndefined();
    },
    LONG_MS,
  );

  it(
    'goes on with its own crawl after such a pause when it was left to it',
    async () => {
      const worker = await world.start('1', ...SHORT_LEASE);
      await world.assign(worker, 'books', world.slowly());
      const stored = await world.stored(worker, 'books', 5);
      worker.process.signal('SIGSTOP');
      await world.unclaimed();
      const before = world.site.requests.length;
      world.hurry();
      worker.process.signal('SIGCONT');
      await until(() => worker.logged('registered').length === 2, { what: 'it registers again' });
      await world.inState(worker, 'books', 'done');
      expect(world.site.requests.length).toBeGreaterThan(before);
      expect(world.site.repeatedOf(stored)).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'stops crawling before its lease can be over when etcd is gone, stays, and goes on when etcd is back',
    async () => {
      const worker = await world.start('1', ...SHORT_LEASE);
      await world.assign(worker, 'books', world.slowly());
      const stored = await world.stored(worker, 'books', 3);
      await world.etcd.kill();
      const goneAt = performance.now();
      await until(() => worker.logged('task stopped').length === 1, { what: 'it stops' });
      const last = world.site.requests.at(-1)!;
      expect(last.at - goneAt).toBeLessThan(TTL_MS);
      expect(world.site.requests.length).toBeLessThan(PAGES);
      await until(async () => (await worker.status()).state === 'starting', { what: 'it starts anew' });
      expect((await fetch(`http://${worker.http}/readyz`)).status).toBe(503);
      world.hurry();
      await world.etcd.restart();
      await world.inState(worker, 'books', 'done');
      expect(world.site.repeatedOf(stored)).toEqual([]);
      await until(async () => (await fetch(`http://${worker.http}/readyz`)).ok, {
        what: 'it is ready again',
      });
    },
    LONG_MS,
  );

  it(
    'waits for an etcd that is not there yet',
    async () => {
      await world.etcd.kill();
      const starting = world.start('1');
      const worker = await Promise.race([
        starting,
        until(() => undefined, { what: 'never', timeoutMs: 1_500 }).catch(() => undefined),
      ]);
      expect(worker).toBeUndefined();
      await world.etcd.restart();
      expect((await (await starting).status()).state).toBe('registered');
    },
    LONG_MS,
  );

  it(
    'runs no more tasks at once than it may, in their order',
    async () => {
      const worker = await world.start('1', '--max-running=1');
      const names = ['c', 'a', 'b'];
      for (const name of names) await world.assign(worker, name, { ...world.slowly(), maxPages: 10 });
      await until(async () => (await worker.task('a')).reason === 'waits for its turn', { what: 'a waits' });
      world.hurry();
      await until(() => worker.logged('task done').length === names.length, { what: 'all are done' });
      expect(worker.logged('task started').map(({ task }) => task)).toEqual(names);
      expect(worker.logged('task done').map(({ task }) => task)).toEqual(names);
    },
    LONG_MS,
  );

  it(
    'leaves in order when it is asked to: crawls stopped, claims and registration gone, exit code 0',
    async () => {
      const worker = await world.start('1');
      await world.assign(worker, 'books', world.slowly());
      await world.fetched(5);
      expect(await worker.stop()).toEqual({ code: 0, signal: null });
      expect(world.site.requests.length).toBeLessThan(PAGES);
      world.hurry();
      expect(await world.claims()).toEqual([]);
      expect(await world.client.count('/micro/registry/')).toBe(0);
      const states = worker.logged('state').map(({ state }) => state);
      expect(states.slice(-2)).toEqual(['draining', 'stopped']);
      const second = await world.start('2');
      await world.assign(second, 'books', undefined, worker);
      await world.inState(second, 'books', 'done');
      expect(world.site.repeated.length).toBeLessThanOrEqual(1);
      const said = (await second.log('books')).map(({ nodeId, message, fields }) => {
        return `${nodeId === worker.nodeId ? 'first' : 'second'}: ${message} ${fields}`;
      });
      expect(said.filter((line) => /taken up|stopped \{/.test(line))).toEqual([
        'first: taken up {"run":1}',
        'first: stopped {"reason":"the worker that had it is stopping"}',
        'second: taken up {"run":1}',
      ]);
      expect((await second.status()).store).toMatchObject({ kind: 'sqlite', ok: true, reason: '' });
      expect((await second.status()).store?.commitMs).toBeGreaterThan(0);
    },
    LONG_MS,
  );
});
