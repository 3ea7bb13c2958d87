import { OrbweaverError } from '@app/errors';
import * as fc from 'fast-check';
import { MemoryCrawlStore } from '../../store/memory/memory-crawl-store.js';
import type { GateStore } from '../../store/gate-store.js';
import type { Seat, SeatTerms, Turn } from './host-gate.js';
import type { Outcome } from './host-health.js';
import { HostGates } from './host-gates.js';
import { ManualTimer } from './manual-timer.js';

const WALL = 1_700_000_000_000;
const terms = (change: Partial<SeatTerms> = {}): SeatTerms => ({
  delayMs: 0,
  waitTimeMs: 0,
  concurrency: 16,
  ...change,
});

/** Processes that share a store, on one clock, and what a host's log shows of them. */
class World {
  readonly timer = new ManualTimer();
  readonly store: GateStore = new MemoryCrawlStore(() => WALL + this.timer.now()).gates;
  readonly log: { by: string; at: number; to: number }[] = [];
  openCount = 0;
  mostOpenCount = 0;

  process(holder: string, store = this.store): HostGates {
    const wallNow = () => WALL + this.timer.now();
    return new HostGates({ store, holder, timer: this.timer, wallNow, random: () => 0.5 });
  }

  /** Sends so many requests as soon as it may, each of which takes that long. */
  visit(
    gates: HostGates,
    by: string,
    wants: Partial<SeatTerms>,
    requests: number,
    tookMs: number | ((index: number) => number) = 10,
    outcome: (index: number) => Outcome = () => ({ kind: 'served' }),
    host = 'site.test',
  ): { done: () => boolean; alive: { is: boolean }; seat: Seat } {
    const alive = { is: true };
    let [begun, ended] = [0, 0];
    const seat = gates.join(host, terms(wants), {
      offer: (turn: Turn) => {
        if (!alive.is || begun >= requests) return false;
        const index = begun++;
        const entry = { by, at: this.timer.now(), to: Infinity };
        if (!turn.maySend()) {
          begun--;
          turn.end({ kind: 'unsent' });
          return true;
        }
        this.log.push(entry);
        this.mostOpenCount = Math.max(this.mostOpenCount, ++this.openCount);
        this.timer.after(typeof tookMs === 'number' ? tookMs : tookMs(index), () => {
          entry.to = this.timer.now();
          this.openCount--;
          ended++;
          if (!alive.is) return;
          turn.end(outcome(index));
          if (begun < requests) seat.want();
          else if (ended === requests) seat.leave();
        });
        if (begun < requests) setImmediate(() => alive.is && seat.want());
        return true;
      },
    });
    seat.want();
    return { done: () => ended >= requests, alive, seat };
  }

  get startsAt(): number[] {
    return this.log.map(({ at }) => at);
  }
}

describe('the gate of a host', () => {
  it('keeps one request at a time, and the delay from the end of one to the start of the next', async () => {
    const world = new World();
    world.visit(world.process('a'), 'a', { delayMs: 1_000 }, 3, (index) => [300, 2_500, 10][index] ?? 0);
    await world.timer.run(10_000);
    expect(world.mostOpenCount).toBe(1);
    expect(world.startsAt).toEqual([0, 1_300, 4_800]);
  });

  it('lets as many requests at once as are asked for where there is no delay', async () => {
    const world = new World();
    world.visit(world.process('a'), 'a', { concurrency: 4 }, 40);
    await world.timer.run(1_000);
    expect(world.mostOpenCount).toBe(4);
    expect(world.log).toHaveLength(40);
  });

  it('makes a random pause on top of the delay', async () => {
    const world = new World();
    world.visit(world.process('a'), 'a', { delayMs: 100, waitTimeMs: 1_000 }, 3, 0);
    await world.timer.run(10_000);
    expect(world.startsAt).toEqual([0, 600, 1_200]);
  });

  it('lets the tasks of a process take turns, at the longest delay that one of them wants', async () => {
    const world = new World();
    const gates = world.process('a');
    for (const by of ['x', 'y', 'z']) world.visit(gates, by, { delayMs: by === 'y' ? 500 : 0 }, 3, 0);
    await world.timer.run(30_000);
    expect(world.log.map(({ by }) => by).join('')).toBe('xyzxyzxyz');
    for (const gap of gaps(world)) expect(gap).toBeGreaterThanOrEqual(500);
  });

  it('says what it waits for: the delay, or after a failure the host', async () => {
    const outcomes: Outcome[] = [
      { kind: 'served' },
      { kind: 'unreachable', reason: 'refused' },
      { kind: 'throttled', reason: 'HTTP 503', retryAfterMs: undefined },
    ];
    const world = new World();
    const wants = { delayMs: 5_000 };
    const { seat } = world.visit(world.process('a'), 'a', wants, 4, 0, (n) => outcomes[n] as Outcome);
    const said: unknown[] = [];
    for (const atMs of [4_000, 9_000, 14_000]) {
      await world.timer.run(atMs);
      said.push(seat.wait(world.timer.now())?.for);
    }
    expect(said).toEqual(['delay', 'down', 'back off']);
  });

  it('does not keep one host waiting for another', async () => {
    const world = new World();
    const gates = world.process('a');
    for (let n = 0; n < 50; n++) world.visit(gates, 'a', { delayMs: 60_000 }, 1, 0, undefined, `${n}.test`);
    await world.timer.run(50);
    expect(world.log).toHaveLength(50);
  });

  it('is handed to another process that waits for it, and back', async () => {
    const world = new World();
    world.visit(world.process('a'), 'a', { delayMs: 100 }, 200, 0);
    world.visit(world.process('b'), 'b', { delayMs: 100 }, 200, 0);
    await world.timer.run(30_000);
    const owners = world.log.map(({ by }) => by).filter((by, index, all) => by !== all[index - 1]);
    expect(owners.length).toBeGreaterThan(4);
    for (const gap of gaps(world)) expect(gap).toBeGreaterThanOrEqual(100);
  });

  it('is given back when there is nothing more to do, so that others need not wait', async () => {
    const world = new World();
    world.visit(world.process('a'), 'a', {}, 1);
    await world.timer.run(1_500);
    expect(await world.store.gates(['site.test'])).toMatchObject([{ holder: '' }]);
    world.visit(world.process('b'), 'b', {}, 1);
    await world.timer.run(1_600);
    expect(world.log).toHaveLength(2);
  });

  it('tells the next process how the host fared', async () => {
    const world = new World();
    const throttled: Outcome = { kind: 'throttled', reason: 'HTTP 429', retryAfterMs: 20_000 };
    const first = world.process('a');
    world.visit(first, 'a', {}, 1, 10, () => throttled);
    await world.timer.run(100);
    await first.close();
    world.visit(world.process('b'), 'b', {}, 1);
    await world.timer.run(19_000);
    expect(world.log).toHaveLength(1);
    expect(await world.store.gates(['site.test'])).toMatchObject([{ failures: 1, trouble: 'HTTP 429' }]);
    await world.timer.run(25_000);
    expect(world.log).toHaveLength(2);
  });

  it('sends nothing while the store does not answer, and goes on when it does', async () => {
    const world = new World();
    let isAway = false;
    const flaky = new Proxy(world.store, {
      get:
        (store, name: keyof GateStore) =>
        async (...args: never[]) => {
          if (isAway) throw new OrbweaverError('STORE_UNAVAILABLE', 'away');
          return (store[name] as (...args: never[]) => unknown)(...args);
        },
    });
    world.visit(world.process('a', flaky), 'a', { delayMs: 100 }, 1_000, 0);
    await world.timer.run(5_000);
    isAway = true;
    await world.timer.run(40_000);
    const count = world.log.length;
    expect(Math.max(...world.startsAt)).toBeLessThan(5_000 + 10_000);
    isAway = false;
    await world.timer.run(50_000);
    expect(world.log.length).toBeGreaterThan(count + 10);
  });

  it('gives a turn up when the one who waits gives up', async () => {
    const world = new World();
    const gates = world.process('a');
    const patience = new AbortController();
    const first = await gatedTurn(world, gates, new AbortController().signal);
    const second = gates.enter('site.test', terms({ delayMs: 1_000 }), patience.signal);
    patience.abort(new Error('no more'));
    await expect(second).rejects.toThrow('no more');
    first.end({ kind: 'served' });
    await expect(gatedTurn(world, gates, new AbortController().signal)).resolves.toBeDefined();
  });

  it('never shows a gap below the delay, however many tasks and processes, though some are killed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            process: fc.nat({ max: 2 }),
            comesAt: fc.nat({ max: 20_000 }),
            requests: fc.integer({ min: 1, max: 30 }),
            tookMs: fc.nat({ max: 3_000 }),
            killedAt: fc.option(fc.nat({ max: 30_000 }), { nil: undefined, freq: 3 }),
          }),
          { minLength: 1, maxLength: 5 },
        ),
        fc.constantFrom(50, 1_000, 4_000),
        async (tasks, delayMs) => {
          const world = new World();
          const processes = ['a', 'b', 'c'].map((holder) => {
            const process = { gates: undefined as unknown as HostGates, dead: false };
            process.gates = world.process(
              holder,
              unless(() => process.dead, world.store),
            );
            return process;
          });
          const visits = tasks.map((task) => {
            const process = processes[task.process] as (typeof processes)[0];
            const visit: { current?: ReturnType<World['visit']> } = {};
            world.timer.after(task.comesAt, () => {
              if (process.dead) return;
              visit.current = world.visit(process.gates, 'x', { delayMs }, task.requests, task.tookMs);
            });
            return { task, process, visit };
          });
          for (const { task, process } of visits) {
            if (task.killedAt === undefined) continue;
            world.timer.after(task.killedAt, () => {
              process.dead = true;
              for (const each of visits) {
                if (each.process === process && each.visit.current) each.visit.current.alive.is = false;
              }
            });
          }
          await world.timer.run(1_500_000);
          for (const gap of gaps(world)) expect(gap).toBeGreaterThanOrEqual(delayMs);
          for (const { process, visit } of visits)
            if (!process.dead) expect(visit.current?.done()).toBe(true);
        },
      ),
      { numRuns: 25 },
    );
  });
});

/** A store that hears no more of a process that was killed. */
function unless(dead: () => boolean, store: GateStore): GateStore {
  return new Proxy(store, {
    get:
      (_, name: keyof GateStore) =>
      async (...args: never[]) =>
        dead() ? new Promise(() => {}) : (store[name] as (...args: never[]) => unknown)(...args),
  });
}

async function gatedTurn(world: World, gates: HostGates, signal: AbortSignal): Promise<Turn> {
  const entering = gates.enter('site.test', terms(), signal);
  await world.timer.run(world.timer.now() + 2_000);
  return entering;
}

function gaps({ startsAt }: World): number[] {
  return startsAt.slice(1).map((at, index) => at - (startsAt[index] as number));
}
