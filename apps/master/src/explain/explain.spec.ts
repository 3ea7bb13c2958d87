import { worker } from '@app/proto';
import { explain, type Facts } from './explain.js';

const TASK = { ...worker.TaskStatus.decode(new Uint8Array()), name: 'books' };
const UNTIL = { seconds: BigInt(Date.parse('2026-11-22T14:53:26Z') / 1_000), nanos: 660_000_000 };

/** On a worker that is there and answers, in a cluster in good order. */
const FACTS: Facts = {
  nodeId: 'worker-2',
  isPaused: false,
  task: { ...TASK, state: 'running', pagesPerSecond: 12.54, pagesQueued: 48n },
  isWorkerRegistered: true,
  workers: { count: 2, drainingCount: 0 },
  store: { kind: 'postgres', ok: true, reason: '', commitMs: 3 },
  hasLeader: true,
  etcdFault: '',
  nextRunAt: undefined,
};

const STORE_AWAY = { kind: 'postgres', ok: false, reason: 'connection refused', commitMs: 0 };

const task = (changes: Partial<worker.TaskStatus>): Partial<Facts> => ({ task: { ...TASK, ...changes } });
const waiting = (cause: string, reason = ''): Partial<Facts> =>
  task({ state: 'running', waiting: [{ host: 'a.example', cause, reason, until: UNTIL }] });
const waitingOn = (cause: string, reason = ''): Partial<Facts> =>
  task({ state: 'running', waiting: [{ host: 'a.example', cause, reason, until: undefined }] });
const unassigned: Partial<Facts> = { nodeId: undefined, task: undefined, isWorkerRegistered: false };
const gone: Partial<Facts> = { task: undefined, isWorkerRegistered: false };

describe('a resource is explained', () => {
  it.each<[cause: string, state: string, Partial<Facts>, reason: string]>([
    ['moving', 'running', {}, 'It is running: 12.5 pages a second, 48 queued.'],
    [
      'moving',
      'running',
      task({ state: 'running', pagesQueued: 1n }),
      'It is running: no page yet, 1 queued.',
    ],
    ['paused', 'paused', task({ state: 'paused' }), 'Somebody has paused it.'],
    ['paused', 'paused', { ...unassigned, isPaused: true }, 'Somebody has paused it.'],
    [
      'paused',
      'pending',
      { ...task({ state: 'pending', reason: 'waits for its turn' }), isPaused: true },
      'Somebody has paused it.',
    ],
    ['done', 'done', task({ state: 'done' }), 'Its run is over.'],
    [
      'done',
      'done',
      task({ state: 'done', reason: '100 items were enough', pagesFailed: 3n }),
      'Its run is over, early: 100 items were enough; 3 pages failed.',
    ],
    [
      'idle',
      'done',
      { ...task({ state: 'done' }), nextRunAt: Date.parse('2026-11-23T03:00:00Z') },
      'Its run is over; its next run begins at 2026-11-23T03:00:00Z.',
    ],
    [
      'failed',
      'failed',
      task({ state: 'failed', reason: 'no seed could be fetched' }),
      'Its last run failed: no seed could be fetched.',
    ],
    [
      'pending',
      'pending',
      task({ state: 'pending', reason: 'claims the resource' }),
      'It is pending: claims the resource.',
    ],
    [
      'slots',
      'pending',
      task({ state: 'pending', cause: 'slots', reason: 'waits for its turn' }),
      'It waits for its turn: its worker worker-2 runs as many tasks at once as it may.',
    ],
    [
      'worker without lease',
      'pending',
      task({ state: 'pending', cause: 'registration', reason: 'waits for the registration' }),
      'Its worker worker-2 has no lease in etcd at present, without which it runs nothing.',
    ],
    [
      'claimed',
      'pending',
      task({ state: 'pending', cause: 'claim', reason: 'waits for worker-1 to stop running it' }),
      'It waits for worker-1 to stop running it.',
    ],
    [
      'no spec',
      'pending',
      task({ state: 'pending', cause: 'spec', reason: 'there is no spec of that name: give it one' }),
      'Its worker does not know what to crawl: there is no spec of that name: give it one.',
    ],
    [
      'store',
      'pending',
      { ...task({ state: 'pending', reason: 'the store is away' }), store: STORE_AWAY },
      'The store of its worker worker-2 takes nothing (connection refused).',
    ],
    [
      'store',
      'pending',
      task({ state: 'pending', cause: 'store', reason: 'no answer' }),
      'The store of its worker worker-2 takes nothing (no answer).',
    ],
    [
      'etcd',
      'pending',
      task({ state: 'pending', cause: 'etcd', reason: 'no answer' }),
      'Its worker worker-2 cannot use etcd: no answer.',
    ],
    [
      'store',
      'running',
      { ...task({ state: 'running' }), store: STORE_AWAY },
      'The store of its worker takes nothing at present, or is slow (connection refused).',
    ],
    [
      'store',
      'running',
      task({
        state: 'running',
        waiting: [
          { host: 'a.example', cause: 'delay', reason: '', until: UNTIL },
          { host: '', cause: 'store', reason: 'a batch waits for 3 s', until: undefined },
        ],
      }),
      'The store of its worker takes nothing at present, or is slow (a batch waits for 3 s).',
    ],
    [
      'forbidden',
      'failed',
      task({
        state: 'failed',
        cause: 'robots',
        reason: 'no page went well: https://a.example/x: robots.txt disallows it',
      }),
      'Its last run failed: no page went well: https://a.example/x: robots.txt disallows it.',
    ],
    [
      'done',
      'done',
      task({ state: 'done', pagesFailed: 1n, lastError: 'HTTP 503' }),
      'Its run is over; 1 page failed, the last one: HTTP 503.',
    ],
    [
      'no worker',
      'pending',
      { ...unassigned, workers: { count: 0, drainingCount: 0 } },
      'No worker is registered.',
    ],
    [
      'all workers drain',
      'pending',
      { ...unassigned, workers: { count: 2, drainingCount: 2 } },
      'No worker takes it: all 2 are being drained.',
    ],
    [
      'no leader',
      'pending',
      { ...unassigned, hasLeader: false },
      'Nobody leads at present who would give it to a worker: the masters are electing one.',
    ],
    [
      'etcd',
      'pending',
      { ...unassigned, hasLeader: false, etcdFault: 'etcd cannot be read: no answer' },
      'It cannot be given to a worker: etcd cannot be read: no answer.',
    ],
    [
      'etcd',
      'pending',
      { ...unassigned, etcdFault: 'the database of etcd is full' },
      'It cannot be given to a worker: the database of etcd is full.',
    ],
    [
      'etcd',
      '',
      { ...gone, etcdFault: 'the database of etcd is full' },
      'Its worker worker-2 is gone and it cannot be moved: the database of etcd is full.',
    ],
    ['assigning', 'pending', unassigned, 'The leader is about to give it to a worker.'],
    ['worker gone', '', gone, 'Its worker worker-2 is gone; the leader moves it to another.'],
    [
      'no leader',
      '',
      { ...gone, hasLeader: false },
      'Its worker worker-2 is gone, and nobody leads who would move it: the masters are electing one.',
    ],
    [
      'no worker',
      '',
      { ...gone, workers: { count: 0, drainingCount: 0 } },
      'Its worker worker-2 is gone, and no other is registered.',
    ],
    ['not taken up', '', { task: 'unknown' }, 'Its worker worker-2 has not taken it up yet.'],
    [
      'store',
      '',
      { task: undefined, store: STORE_AWAY },
      'The store of its worker worker-2 does not answer (connection refused).',
    ],
    [
      'worker silent',
      '',
      { task: undefined, store: undefined },
      'Its worker worker-2 is registered but does not answer in time.',
    ],
    [
      'delay',
      'running',
      waiting('delay'),
      'The pause between two requests to a.example lasts until 2026-11-22T14:53:26Z.',
    ],
    [
      'back off',
      'running',
      waiting('back off', 'HTTP 429'),
      'a.example asked for fewer requests and is left alone until 2026-11-22T14:53:26Z (HTTP 429).',
    ],
    [
      'down',
      'running',
      waiting('down', 'connection refused'),
      'a.example does not answer and is tried again: not until 2026-11-22T14:53:26Z (connection refused).',
    ],
    [
      'robots',
      'running',
      waitingOn('robots', 'HTTP 503'),
      'The robots.txt of a.example cannot be had and is asked for again (HTTP 503).',
    ],
    ['gate', 'running', waitingOn('gate'), 'Another worker has its turn at a.example.'],
    ['turn', 'running', waitingOn('turn'), 'Other tasks of this worker have their turn at a.example.'],
    [
      'limit',
      'running',
      waiting('limit'),
      'The rate limit of the task itself is used up until 2026-11-22T14:53:26Z.',
    ],
    [
      'requests',
      'running',
      waitingOn('requests'),
      'As many requests to a.example are under way as there may be at once.',
    ],
    [
      'something new',
      'running',
      waiting('something new', 'who knows'),
      'a.example makes it wait until 2026-11-22T14:53:26Z (who knows).',
    ],
  ])('by the cause: %s', (cause, state, changes, reason) => {
    expect(explain({ ...FACTS, ...changes })).toMatchObject({ cause, state, reason });
  });

  it('with how many hosts more keep it waiting', () => {
    const wait = { host: 'a.example', cause: 'turn', reason: '', until: undefined };
    const facts = { ...FACTS, ...task({ state: 'running', waiting: [wait, wait, wait] }) };
    expect(explain(facts).reason).toBe(
      'Other tasks of this worker have their turn at a.example, and 2 more hosts wait.',
    );
  });

  it('as moving while pages come, whatever else waits', () => {
    const { task: waits } = waiting('down');
    const facts = { ...FACTS, task: { ...(waits as worker.TaskStatus), pagesPerSecond: 3 } };
    expect(explain(facts).cause).toBe('moving');
  });
});
