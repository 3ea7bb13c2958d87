import type { FollowBatch } from '@app/etcd';
import { createLogger } from '@app/observability';
import { encodeSchedule, keys, type ScheduleRecord, type StoredResource } from '@app/resources';
import { until } from '../../../../test/support/until.js';
import type { DueSchedule, Firing } from '../runs/runs.js';
import type { KnownTask } from './overlap.js';
import { Scheduler } from './scheduler.js';

const START = Date.parse('2026-01-01T00:00:30Z');
const MINUTE = 60_000;

describe('the scheduler', () => {
  let world: World;

  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.end());

  it('fires when the time has come, and again at the next time', async () => {
    world.snapshot({ a: schedule() });
    await world.turn();
    expect(world.fired).toEqual([]);
    world.now = START + MINUTE;
    await world.turn();
    expect(world.fired).toEqual(['a']);
    await world.turn();
    expect(world.fired).toEqual(['a']);
    world.now += MINUTE;
    await world.turn();
    expect(world.fired).toEqual(['a', 'a']);
  });

  it('makes up for what was missed with one firing', async () => {
    world.snapshot({ a: schedule({ settledAt: START - 100 * MINUTE }) });
    await world.turn();
    expect(world.fired).toEqual(['a']);
    world.now += MINUTE;
    await world.turn();
    expect(world.fired).toEqual(['a', 'a']);
  });

  it('leaves a firing out while a run is under way, where the schedule says so', async () => {
    world.tasks.set('a', { state: 'running', epoch: 1n });
    world.snapshot({ a: schedule({ settledAt: START - MINUTE }) });
    await world.turn();
    expect([world.fired, world.skipped]).toEqual([[], ['a']]);
    world.tasks.set('a', { state: 'done', epoch: 1n });
    await world.turn();
    expect(world.fired).toEqual([]);
    world.now += MINUTE;
    await world.turn();
    expect(world.fired).toEqual(['a']);
  });

  it('fires once after the run that was under way, where the schedule says so', async () => {
    world.tasks.set('a', { state: 'running', epoch: 1n });
    world.snapshot({ a: schedule({ overlap: 'queue', settledAt: START - MINUTE }) });
    await world.turn();
    world.now += 3 * MINUTE;
    await world.turn();
    expect([world.fired, world.skipped]).toEqual([[], []]);
    world.tasks.set('a', { state: 'done', epoch: 1n });
    world.now += 10_000;
    await world.turn();
    await world.turn();
    expect([world.fired, world.skipped]).toEqual([['a'], []]);
  });

  it('decides nothing as long as the worker says nothing', async () => {
    world.tasks.delete('a');
    world.snapshot({ a: schedule({ settledAt: START - MINUTE }) });
    await world.turn();
    expect([world.fired, world.skipped]).toEqual([[], []]);
    world.tasks.set('a', { state: 'done', epoch: 1n });
    world.now += 2_000;
    await world.turn();
    expect(world.fired).toEqual(['a']);
  });

  it('tries again what could not be written', async () => {
    world.failing = true;
    world.snapshot({ a: schedule({ settledAt: START - MINUTE }) });
    await world.turn();
    expect(world.fired).toEqual([]);
    world.failing = false;
    world.now += 2_000;
    await world.turn();
    expect(world.fired).toEqual(['a']);
  });

  it('ends with the term, whatever workers still have to say', async () => {
    world.holdsTasks = true;
    world.snapshot({ a: schedule({ settledAt: START - MINUTE }) });
    await world.turn();
    await world.end();
    expect(world.fired).toEqual([]);
  });

  it('follows schedules that come, change and go', async () => {
    world.snapshot({});
    world.event('a', schedule({ settledAt: START - MINUTE }));
    await world.turn();
    expect(world.fired).toEqual(['a']);
    world.event('a', schedule({ cron: '0 0 1 1 *', settledAt: START }));
    world.now += 5 * MINUTE;
    await world.turn();
    expect(world.fired).toEqual(['a']);
    world.event('a', schedule({ settledAt: START }));
    world.event('a', undefined);
    await world.turn();
    expect(world.fired).toEqual(['a']);
  });

  it('fires ten thousand of the same second, each once', async () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `r${i}`);
    for (const name of names) world.tasks.set(name, { state: 'done', epoch: 1n });
    world.snapshot(Object.fromEntries(names.map((name) => [name, schedule()])));
    world.now = START + MINUTE;
    await until(() => (world.poke(), world.fired.length >= names.length), { what: 'all have fired' });
    await world.turn();
    expect([...world.fired].sort()).toEqual([...names].sort());
    expect(world.mostAtOnce).toBeLessThanOrEqual(1_000);
  });
});

function schedule(changes: Partial<ScheduleRecord> = {}): ScheduleRecord {
  return {
    resourceId: '1',
    cron: '* * * * *',
    timeZone: 'UTC',
    overlap: 'skip',
    settledAt: START,
    ...changes,
  };
}

/** Everything that can go on without the clock has. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
}

/** What the scheduler sees of etcd, of workers and of the clock. */
class World {
  now = START;
  failing = false;
  holdsTasks = false;
  mostAtOnce = 0;
  readonly fired: string[] = [];
  readonly skipped: string[] = [];
  readonly tasks = new Map<string, KnownTask>([['a', { state: 'done', epoch: 1n }]]);
  private readonly batches: FollowBatch[] = [];
  private readonly over = new AbortController();
  private readonly running: Promise<void>;
  private deliver = (): void => undefined;
  private revision = 10n;
  private open = 0;

  constructor() {
    const scheduler = new Scheduler(
      {
        etcd: { follow: (_, { signal }) => this.follow(signal) },
        view: { state: { get: () => ({ epoch: 1n }) as StoredResource } },
        runs: {
          fire: (name, due) => this.fire(name, due),
          passOver: async (name, due) => {
            this.skipped.push(name);
            return this.settle(due);
          },
        },
        tasks: {
          known: () => (this.holdsTasks ? new Promise(() => undefined) : Promise.resolve(this.tasks)),
        },
      },
      { scheduled: () => undefined, settled: () => undefined, late: () => undefined },
      createLogger({ name: 'test', level: 'fatal' }),
      () => this.now,
    );
    this.running = scheduler.run(this.over.signal);
  }

  snapshot(records: Record<string, ScheduleRecord>): void {
    const entries = Object.entries(records).map(([name, record]) => this.entry(name, record));
    this.push({ kind: 'snapshot', revision: this.revision, entries, first: true, last: true });
  }

  event(name: string, record: ScheduleRecord | undefined): void {
    this.revision++;
    const kv = this.entry(name, record ?? schedule());
    this.push({
      kind: 'events',
      revision: this.revision,
      events: [{ type: record === undefined ? 'delete' : 'put', kv }],
    });
  }

  /** Makes it look at the clock. */
  poke(): void {
    this.push({ kind: 'events', revision: this.revision, events: [] });
  }

  /** Until it has done what there is to do now. */
  async turn(): Promise<void> {
    this.poke();
    await quiet();
  }

  async end(): Promise<void> {
    this.over.abort();
    this.deliver();
    await this.running;
  }

  private async fire(name: string, due: DueSchedule): Promise<Firing> {
    if (this.failing) throw new Error('etcd is away');
    this.fired.push(name);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.open);
    await new Promise(setImmediate);
    this.open--;
    return { kind: 'fired', run: 2, ...this.settle(due) };
  }

  private settle({ record, settledAt }: DueSchedule) {
    return { record: { ...record, settledAt }, revision: ++this.revision };
  }

  private entry(name: string, record: ScheduleRecord) {
    const value = encodeSchedule(record);
    const revision = this.revision;
    return {
      key: keys.schedule(name),
      value,
      modRevision: revision,
      createRevision: revision,
      version: 1n,
      leaseId: 0n,
    };
  }

  private push(batch: FollowBatch): void {
    this.batches.push(batch);
    this.deliver();
  }

  private async *follow(signal: AbortSignal): AsyncGenerator<FollowBatch, void, undefined> {
    while (!signal.aborted) {
      const batch = this.batches.shift();
      if (batch !== undefined) yield batch;
      else await new Promise<void>((resolve) => (this.deliver = resolve));
    }
  }
}
