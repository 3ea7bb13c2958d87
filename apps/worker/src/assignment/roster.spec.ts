import { setImmediate as tick } from 'node:timers/promises';
import type { RunOutcome, Task, TaskRunner, Tenure } from '@app/crawl';
import { OrbweaverError } from '@app/errors';
import type { Session } from '@app/etcd';
import type { Logger } from '@app/observability';
import type { Control } from '@app/resources';
import { parseTaskSpec } from '@app/tasks';
import * as fc from 'fast-check';
import type { ClaimOutcome } from '../claims/claims.js';
import type { FoundSpec } from '../tasks/spec-source.js';
import type { Assignment } from './assignment.js';
import { Roster } from './roster.js';
import type { SeatParts, TaskState } from './seat.js';
import { Slots } from './slots.js';

const SPEC: FoundSpec = { kind: 'spec', spec: parseTaskSpec({ seeds: ['http://site.test/'] }) };

/** A lease that lives until it is told otherwise. */
class FakeSession {
  readonly #lost = new AbortController();
  holds = true;
  readonly lost = this.#lost.signal;
  alive = (): boolean => this.holds && !this.lost.aborted;
  lose = (): void => this.#lost.abort();
  get asSession(): Session {
    return this as unknown as Session;
  }
}

/** Runs until it is told how it ends, or its tenure does; notes what must not happen. */
class FakeRunner implements Pick<TaskRunner, 'run' | 'outcome'> {
  readonly running = new Map<string, { task: Task; tenure: Tenure; finish: (outcome: RunOutcome) => void }>();
  /** What came of runs, by task and epoch. */
  readonly over = new Map<string, { state: 'done' | 'failed'; reason: string }>();
  readonly faults: string[] = [];
  started: string[] = [];

  async run(task: Task, tenure: Tenure): Promise<RunOutcome> {
    if (this.running.has(task.name)) this.faults.push(`${task.name} runs twice`);
    this.started.push(`${task.name} ${task.epoch}`);
    const outcome = await new Promise<RunOutcome>((resolve) => {
      this.running.set(task.name, { task, tenure, finish: resolve });
      tenure.signal.addEventListener('abort', () => resolve('stopped'), { once: true });
      if (tenure.signal.aborted) resolve('stopped');
    });
    // It takes a while until nothing of it runs any more.
    for (let turn = 0; turn < 8; turn++) await tick();
    this.running.delete(task.name);
    if (outcome === 'done' || outcome === 'failed') {
      this.over.set(`${task.name} ${task.epoch}`, { state: outcome, reason: 'so it went' });
    }
    return outcome;
  }

  async outcome({ name, epoch }: Task) {
    return this.over.get(`${name} ${epoch}`);
  }
}

/** Claims of one process: whoever runs must hold one, and must give it back. */
class FakeClaims {
  readonly held = new Map<string, Session>();
  failures = 0;
  answer: (name: string, epoch: bigint) => ClaimOutcome | undefined = () => undefined;

  async acquire(name: string, epoch: bigint, session: Session): Promise<ClaimOutcome> {
    await tick();
    const other = this.answer(name, epoch);
    if (other !== undefined) return other;
    this.held.set(name, session);
    // It was done, but the answer did not come.
    if (this.failures-- > 0) throw new OrbweaverError('ETCD_UNAVAILABLE', 'no answer');
    return { kind: 'acquired' };
  }

  async release(name: string, session: Session): Promise<void> {
    await tick();
    if (this.held.get(name) === session) this.held.delete(name);
  }
}

interface World {
  roster: Roster;
  runner: FakeRunner;
  claims: FakeClaims;
  find: { current: (name: string) => FoundSpec };
  control: { -readonly [K in keyof Control]: Control[K] };
  states: Map<TaskState, number>;
  /** How tasks stood when they were last said to have changed. */
  said: Map<string, string>;
  /** Of the tasks' logs. */
  lines: string[];
  /** Of those that wait for their spec, by name. */
  wakes: Map<string, () => void>;
}

function makeWorld(slotCount = 8): World {
  const [runner, claims] = [new FakeRunner(), new FakeClaims()];
  const find: World['find'] = { current: () => SPEC };
  const control = { paused: false, run: 1, retry: 0, generation: 0 };
  const states = new Map<TaskState, number>();
  const said = new Map<string, string>();
  const lines: string[] = [];
  const wakes: World['wakes'] = new Map();
  const silent = { info() {}, warn() {}, error() {} };
  const parts: SeatParts = {
    slots: new Slots(slotCount),
    specs: {
      find: async (name) => ({ control: { ...control }, spec: find.current(name) }),
      onceChanged: (name, _was, wake) => {
        wakes.set(name, wake);
        return () => wakes.delete(name);
      },
    },
    claims,
    runner,
    logger: silent as unknown as Logger,
    taskLog: {
      say: ({ name }, level, message, fields) => {
        const { reason } = fields as { reason?: string };
        lines.push(`${name} ${level}: ${message}${reason === undefined ? '' : `: ${reason}`}`);
      },
    },
    onState: (state, before) => {
      states.set(state, (states.get(state) ?? 0) + 1);
      states.set(before, (states.get(before) ?? 0) - 1);
    },
    onChange: (name) => said.set(name, shown(roster.status(name))),
  };
  const roster = new Roster(parts);
  return { roster, runner, claims, find, control, states, said, lines, wakes };
}

function assignment(name: string, epoch: number): Assignment {
  const record = { id: '1', name, assignedNode: undefined, creationTime: 1n };
  return { name, record, epoch: BigInt(epoch) };
}

function shown(status: ReturnType<Roster['status']>): string {
  return status === undefined ? 'gone' : `${status.state} ${status.reason} ${status.assignment.epoch}`;
}

/** Until nothing moves any more of its own accord. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await tick();
}

describe('the roster of a worker', () => {
  it('runs what is assigned while there is a session', async () => {
    const { roster, runner, claims } = makeWorld();
    roster.assign(assignment('a', 1));
    await quiet();
    expect(runner.running.size).toBe(0);
    expect(roster.status('a')).toMatchObject({ state: 'pending', cause: 'registration' });

    const session = new FakeSession();
    roster.hold(session.asSession);
    await quiet();
    expect(roster.status('a')?.state).toBe('running');
    expect([...claims.held.keys()]).toEqual(['a']);

    runner.running.get('a')?.finish('done');
    await quiet();
    expect(roster.status('a')?.state).toBe('done');
    expect(claims.held.size).toBe(0);
  });

  it('ends every run when the session is lost, keeps no claim in mind, and begins again with the next', async () => {
    const { roster, runner } = makeWorld();
    const session = new FakeSession();
    roster.assign(assignment('a', 1));
    roster.hold(session.asSession);
    await quiet();
    const tenure = runner.running.get('a')!.tenure;
    session.lose();
    expect(tenure.signal.aborted).toBe(true);
    await quiet();
    expect(runner.running.size).toBe(0);
    roster.hold(new FakeSession().asSession);
    await quiet();
    expect(runner.started).toEqual(['a 1', 'a 1']);
  });

  it('tells a run at once that its lease is over, though no signal came yet', async () => {
    const { roster, runner } = makeWorld();
    const session = new FakeSession();
    roster.assign(assignment('a', 1));
    roster.hold(session.asSession);
    await quiet();
    const { tenure } = runner.running.get('a')!;
    expect(tenure.holds()).toBe(true);
    session.holds = false;
    expect(tenure.holds()).toBe(false);
  });

  it('starts a later epoch when the run of the earlier one has ended, and only the last of many', async () => {
    const { roster, runner } = makeWorld();
    roster.hold(new FakeSession().asSession);
    roster.assign(assignment('a', 1));
    await quiet();
    for (const epoch of [2, 3, 4]) roster.assign(assignment('a', epoch));
    await quiet();
    expect(runner.started).toEqual(['a 1', 'a 4']);
    expect(runner.faults).toEqual([]);
  });

  it('stops a task that is paused, gives its claim back, and goes on with the epoch that resumes it', async () => {
    const { roster, runner, claims, control } = makeWorld();
    roster.hold(new FakeSession().asSession);
    roster.assign(assignment('a', 1));
    await quiet();
    control.paused = true;
    roster.assign(assignment('a', 2));
    await quiet();
    expect(roster.status('a')?.state).toBe('paused');
    expect(roster.counts()).toMatchObject({ paused: 1, running: 0 });
    expect([runner.running.size, claims.held.size]).toEqual([0, 0]);
    control.paused = false;
    roster.assign(assignment('a', 3));
    await quiet();
    expect(runner.started).toEqual(['a 1', 'a 3']);
  });

  it('shows of a run that is over what came of it, and why, and runs it no more', async () => {
    const { roster, runner } = makeWorld();
    roster.hold(new FakeSession().asSession);
    roster.assign(assignment('a', 1));
    await quiet();
    expect(roster.running()).toEqual(['a']);
    runner.running.get('a')?.finish('failed');
    await quiet();
    expect(roster.status('a')).toMatchObject({ state: 'failed', reason: 'so it went' });
    runner.over.set('a 2', { state: 'done', reason: 'maxPages is reached' });
    roster.assign(assignment('a', 2));
    await quiet();
    expect(roster.status('a')).toMatchObject({ state: 'done', reason: 'maxPages is reached' });
    expect(runner.started).toEqual(['a 1']);
  });

  it('tells the run which run of the task it is', async () => {
    const { roster, runner, control } = makeWorld();
    Object.assign(control, { run: 3, retry: 2, generation: 1 });
    roster.hold(new FakeSession().asSession);
    roster.assign(assignment('a', 1));
    await quiet();
    expect(runner.running.get('a')?.task).toMatchObject({ run: 3, retry: 2, generation: 1 });
  });

  it('gives back a claim of which it never learned that it has it', async () => {
    const { roster, runner, claims } = makeWorld();
    roster.hold(new FakeSession().asSession);
    claims.failures = Infinity;
    roster.assign(assignment('a', 1));
    await quiet();
    expect(runner.started).toEqual([]);
    roster.unassign('a');
    await quiet();
    expect(claims.held.size).toBe(0);
    expect(roster.size).toBe(0);
  });

  it('asks again for a claim when the one who holds it has stopped, and lets others run meanwhile', async () => {
    const { roster, runner, claims } = makeWorld(1);
    let gone!: () => void;
    const wait = new Promise<void>((resolve) => (gone = resolve));
    claims.answer = (name) => (name === 'a' ? { kind: 'held', by: 'other', gone: () => wait } : undefined);
    roster.hold(new FakeSession().asSession);
    roster.assign(assignment('a', 1));
    roster.assign(assignment('b', 2));
    await quiet();
    expect(runner.started).toEqual(['b 2']);
    expect(roster.status('a')).toMatchObject({
      state: 'pending',
      reason: 'waits for other to stop running it',
      cause: 'claim',
    });
    claims.answer = () => undefined;
    gone();
    runner.running.get('b')?.finish('done');
    await quiet();
    expect(runner.started).toEqual(['b 2', 'a 1']);
  });

  it.each<[string, FoundSpec, TaskState, string]>([
    ['missing', { kind: 'missing', reason: 'write one', isOurs: true }, 'pending', 'write one'],
    ['wrong', { kind: 'wrong', reason: 'seeds: …', isOurs: false }, 'failed', 'seeds: …'],
  ])(
    'says why nothing runs when the spec is %s, and takes the next epoch',
    async (_, found, state, reason) => {
      const { roster, runner, find } = makeWorld();
      find.current = () => found;
      roster.hold(new FakeSession().asSession);
      roster.assign(assignment('a', 1));
      await quiet();
      expect(roster.status('a')).toMatchObject({ state, reason });
      find.current = () => SPEC;
      roster.assign(assignment('a', 2));
      await quiet();
      expect(runner.started).toEqual(['a 2']);
    },
  );

  it('takes a task up when its spec came to be in the catalog, and leaves one that was taken away meanwhile', async () => {
    const { roster, runner, find, wakes } = makeWorld(1);
    find.current = () => ({ kind: 'missing', reason: 'write one', isOurs: true });
    roster.hold(new FakeSession().asSession);
    for (const name of ['a', 'b']) roster.assign(assignment(name, 1));
    await quiet();
    expect([...wakes.keys()]).toEqual(['a', 'b']);
    roster.unassign('b');
    await quiet();
    expect([[...wakes.keys()], roster.size]).toEqual([['a'], 1]);
    find.current = () => SPEC;
    wakes.get('a')?.();
    await quiet();
    expect(runner.started).toEqual(['a 1']);
    roster.unassign('a');
    await quiet();
    expect(roster.size).toBe(0);
  });

  it('says in the log of a task what became of its run here, and why', async () => {
    const { roster, runner, control, lines } = makeWorld();
    const session = new FakeSession();
    roster.hold(session.asSession);
    roster.assign(assignment('a', 1));
    await quiet();
    control.paused = true;
    roster.assign(assignment('a', 2));
    await quiet();
    control.paused = false;
    roster.assign(assignment('a', 3));
    await quiet();
    session.lose();
    await quiet();
    roster.hold(new FakeSession().asSession);
    await quiet();
    roster.unassign('a');
    await quiet();
    runner.run = () => Promise.reject(new TypeError('oops'));
    roster.assign(assignment('a', 4));
    await quiet();
    expect(lines.splice(0)).toEqual([
      'a info: taken up',
      'a info: stopped: what is wanted of it has changed',
      'a info: paused',
      'a info: taken up',
      'a info: stopped: this worker cannot be sure any more that it is known to the cluster',
      'a info: taken up',
      'a info: stopped: it was assigned to another worker, or deleted',
      'a info: taken up',
      'a error: stopped: internal error',
    ]);
  });

  it('says no line of the many that wait, are paused or lack a spec, but one of a spec that is wrong', async () => {
    const { roster, find, lines } = makeWorld(1);
    find.current = (name) =>
      name === 'wrong'
        ? { kind: 'wrong', reason: 'seeds: …', isOurs: false }
        : { kind: 'missing', reason: 'write one', isOurs: true };
    roster.hold(new FakeSession().asSession);
    for (const name of ['a', 'b', 'wrong']) roster.assign(assignment(name, 1));
    await quiet();
    roster.assign(assignment('wrong', 2));
    await quiet();
    expect(lines).toEqual(['wrong error: the spec is wrong: seeds: …']);
    const other = makeWorld(1);
    Object.assign(other.control, { paused: true });
    other.roster.hold(new FakeSession().asSession);
    other.roster.assign(assignment('c', 1));
    await quiet();
    expect(other.roster.status('c')?.state).toBe('paused');
    expect(other.lines).toEqual([]);
  });

  it('does not bring down the worker when a run fails in a way that nobody foresaw', async () => {
    const { roster, runner, claims } = makeWorld();
    runner.run = () => Promise.reject(new TypeError('oops'));
    roster.hold(new FakeSession().asSession);
    roster.assign(assignment('a', 1));
    await quiet();
    expect(roster.status('a')).toMatchObject({ state: 'failed', reason: 'internal error' });
    expect(claims.held.size).toBe(0);
  });

  it('ends up running just what is wanted, never twice, with a claim for each run, whatever happens', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const event = fc.oneof(
      fc.record({ do: fc.constant('assign' as const), name }),
      fc.record({ do: fc.constant('unassign' as const), name }),
      fc.record({
        do: fc.constant('finish' as const),
        name,
        outcome: fc.constantFrom<RunOutcome>('done', 'failed', 'stopped'),
      }),
      fc.record({ do: fc.constantFrom('lose' as const, 'register' as const, 'fail' as const) }),
      fc.record({ do: fc.constant('wait' as const), turns: fc.nat({ max: 6 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 60, size: 'max' }), async (events) => {
        const { roster, runner, claims, said } = makeWorld(2);
        const wanted = new Map<string, number>();
        let [session, epoch]: [FakeSession | undefined, number] = [undefined, 0];
        for (const event of events) {
          switch (event.do) {
            case 'assign':
              wanted.set(event.name, ++epoch);
              roster.assign(assignment(event.name, epoch));
              break;
            case 'unassign':
              wanted.delete(event.name);
              roster.unassign(event.name);
              break;
            case 'finish':
              runner.running.get(event.name)?.finish(event.outcome);
              break;
            case 'lose':
              session?.lose();
              session = undefined;
              break;
            case 'register':
              if (session === undefined) roster.hold((session = new FakeSession()).asSession);
              break;
            case 'fail':
              claims.failures = 1;
              break;
            case 'wait':
              for (let turn = 0; turn < event.turns; turn++) await tick();
          }
          for (const { task, tenure } of runner.running.values()) {
            const isAllowed = session !== undefined && wanted.get(task.name) === Number(task.epoch);
            if (!isAllowed && !tenure.signal.aborted) runner.faults.push(`${task.name} runs on`);
            if (tenure.holds() && !claims.held.has(task.name))
              runner.faults.push(`${task.name} has no claim`);
          }
        }
        await roster.drop('the worker is stopping');
        await quiet();
        expect(runner.faults).toEqual([]);
        expect(runner.running.size).toBe(0);
        const lastHeld = [...claims.held.values()].filter((holder) => !holder.lost.aborted);
        expect(lastHeld).toEqual([]);
        expect(roster.size).toBe(wanted.size);
        expect(roster.running()).toEqual([]);
        expect([...roster.names()].sort()).toEqual([...wanted.keys()].sort());
        for (const [name, last] of said) expect(last).toBe(shown(roster.status(name)));
      }),
      { numRuns: 100 },
    );
  });
});
