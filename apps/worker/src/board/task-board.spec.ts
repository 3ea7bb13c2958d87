import type { CrawlProgress } from '@app/crawl';
import { OrbweaverError } from '@app/errors';
import { worker as proto } from '@app/proto';
import * as fc from 'fast-check';
import { until } from '../../../../test/support/until.js';
import { TaskBoard } from './task-board.js';

const NOTHING = proto.TaskStatus.decode(new Uint8Array());

/** Tasks that stand as the test says, of which the store knows what the test says. */
class World {
  readonly states = new Map<string, string>();
  readonly stored = new Map<string, number>();
  readCount = 0;
  mostReads = 0;
  isStoreAway = false;
  readonly stop = new AbortController();
  readonly board: TaskBoard;
  readonly running: Promise<void>;
  #reads = 0;

  constructor() {
    const progress = async (name: string): Promise<CrawlProgress | undefined> => {
      this.readCount++;
      this.mostReads = Math.max(this.mostReads, ++this.#reads);
      await Promise.resolve();
      this.#reads--;
      if (this.isStoreAway) throw new OrbweaverError('STORE_UNAVAILABLE', 'away');
      const doneCount = this.stored.get(name);
      return doneCount === undefined ? undefined : ({ doneCount } as CrawlProgress);
    };
    this.board = new TaskBoard(
      {
        names: () => this.states.keys(),
        has: (name) => this.states.has(name),
        running: () => [...this.states].flatMap(([name, state]) => (state === 'running' ? [name] : [])),
      },
      {
        of: (name, found) => {
          const state = this.states.get(name);
          const pagesDone = BigInt(found?.doneCount ?? 0);
          return state === undefined ? undefined : { ...NOTHING, name, state, pagesDone };
        },
      },
      { progress },
      { warn: () => {} },
      this.stop.signal,
    );
    this.running = this.board.run(this.stop.signal);
  }

  set(name: string, state: string, doneCount?: number): void {
    this.states.set(name, state);
    if (doneCount !== undefined) this.stored.set(name, doneCount);
    this.board.changed(name, true);
  }

  remove(name: string): void {
    this.states.delete(name);
    this.board.changed(name, false);
  }

  shown(): Map<string, string> {
    return new Map([...this.states].map(([name, state]) => [name, `${state} ${this.stored.get(name) ?? 0}`]));
  }

  async end(): Promise<void> {
    this.stop.abort();
    await this.running;
  }
}

/** Puts together what it is told. */
class Follower {
  readonly seen = new Map<string, string>();
  readonly sizes: number[] = [];
  syncedAt: number | undefined;
  readonly over: Promise<void>;

  constructor(board: TaskBoard, signal: AbortSignal, pace: () => Promise<void> = async () => {}) {
    this.over = this.#read(board, signal, pace);
  }

  async #read(board: TaskBoard, signal: AbortSignal, pace: () => Promise<void>): Promise<void> {
    for await (const { tasks, gone, synced } of board.follow(signal)) {
      this.sizes.push(tasks.length);
      for (const { name, state, pagesDone } of tasks) this.seen.set(name, `${state} ${pagesDone}`);
      for (const name of gone) this.seen.delete(name);
      if (synced) this.syncedAt = this.seen.size;
      await pace();
    }
  }
}

function sorted(map: ReadonlyMap<string, string>): string {
  return [...map]
    .map(([name, shown]) => `${name}: ${shown}`)
    .sort()
    .join(', ');
}

describe('the board of all tasks of a worker', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.end());

  it('is told in pieces, up to synced, then as it changes, to anyone who asks', async () => {
    for (let task = 0; task < 1_200; task++) world.set(`t${task}`, 'pending');
    world.board.complete();
    const followers = [1, 2].map(() => new Follower(world.board, world.stop.signal));
    await until(() => followers.every(({ syncedAt }) => syncedAt === 1_200), { what: 'both are synced' });
    expect(Math.max(...followers[0]!.sizes)).toBe(500);
    world.set('t7', 'running', 3);
    world.remove('t8');
    for (const { seen } of followers) {
      await until(() => seen.get('t7') === 'running 3' && !seen.has('t8'), { what: 'the change is told' });
    }
  });

  it('is not synced before all assignments are known', async () => {
    const follower = new Follower(world.board, world.stop.signal);
    world.set('a', 'pending');
    await until(() => follower.seen.has('a'), { what: 'it is told' });
    expect(follower.syncedAt).toBeUndefined();
    world.board.complete();
    await until(() => follower.syncedAt === 1, { what: 'it is synced' });
  });

  it('reads from the store how far each task is, once, a few at a time', async () => {
    for (let task = 0; task < 300; task++) world.set(`t${task}`, 'done', task);
    world.board.complete();
    const follower = new Follower(world.board, world.stop.signal);
    await until(() => follower.seen.get('t299') === 'done 299', { what: 'figures are told' });
    expect(follower.seen).toEqual(world.shown());
    expect(world.readCount).toBe(300);
    expect(world.mostReads).toBeLessThanOrEqual(8);
  });

  it('reads again what a store did not give while it was away', async () => {
    world.isStoreAway = true;
    world.board.complete();
    const follower = new Follower(world.board, world.stop.signal);
    world.set('a', 'done', 5);
    await until(() => follower.seen.get('a') === 'done 0', { what: 'the state is told without figures' });
    world.isStoreAway = false;
    await until(() => follower.seen.get('a') === 'done 5', { what: 'the figures follow' });
    expect(follower.seen.size).toBe(1);
  });

  it('tells the figures of a running task once a second, and reads only of those that moved', async () => {
    world.set('moves', 'running', 1);
    world.set('waits', 'running', 1);
    world.board.complete();
    const follower = new Follower(world.board, world.stop.signal);
    await until(() => follower.seen.get('waits') === 'running 1', { what: 'all is read' });
    const before = world.readCount;
    world.stored.set('moves', 2).set('waits', 2);
    for (let page = 0; page < 100; page++) world.board.advanced('moves');
    await until(() => follower.seen.get('moves') === 'running 2', { what: 'it is told' });
    expect(follower.seen.get('waits')).toBe('running 1');
    expect(world.readCount).toBe(before + 1);
  });

  it('ends what is followed when the worker ends', async () => {
    const follower = new Follower(world.board, new AbortController().signal);
    world.stop.abort();
    await follower.over;
    expect(follower.syncedAt).toBeUndefined();
  });

  it('is in the end what every follower made of it, at whatever pace he read', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const state = fc.constantFrom('pending', 'running', 'done');
    const step = fc.oneof(
      fc.record({ do: fc.constant('set' as const), name, state, count: fc.option(fc.nat({ max: 9 })) }),
      fc.record({ do: fc.constant('remove' as const), name }),
      fc.record({ do: fc.constantFrom('follow' as const, 'follow slowly' as const, 'complete' as const) }),
      fc.record({ do: fc.constant('wait' as const), turns: fc.nat({ max: 5 }) }),
    );
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const one = new World();
        const followers: Follower[] = [];
        for (const event of [...steps, { do: 'complete' as const }, { do: 'follow' as const }]) {
          if (event.do === 'set') one.set(event.name, event.state, event.count ?? undefined);
          else if (event.do === 'remove') one.remove(event.name);
          else if (event.do === 'complete') one.board.complete();
          else if (event.do === 'wait') for (let turns = 0; turns < event.turns; turns++) await turn();
          else if (followers.length < 4) {
            const pace = async (): Promise<void> => {
              for (let turns = 0; turns < 20; turns++) await turn();
            };
            followers.push(
              new Follower(one.board, one.stop.signal, event.do === 'follow' ? undefined : pace),
            );
          }
        }
        const expected = sorted(one.shown());
        expect(followers.length).toBeGreaterThan(0);
        for (const follower of followers) {
          await until(() => follower.syncedAt !== undefined && sorted(follower.seen) === expected, {
            what: `all see ${expected}`,
          });
        }
        await one.end();
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});
