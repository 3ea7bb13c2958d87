import type { CrawledHost, CrawlProgress, HostWait } from '@app/crawl';
import type { Roster } from '../assignment/roster.js';
import { TaskReports } from './task-reports.js';

const PROGRESS: CrawlProgress = {
  state: 'open',
  reason: '',
  resourceId: '1',
  specHash: 'abc',
  generation: 0,
  run: 2,
  retry: 1,
  epoch: 5n,
  discoveredCount: 9,
  doneCount: 4,
  queuedCount: 3,
  failedCount: 2,
  itemCount: 40,
  sinceAt: 1_000,
  lastError: '',
};

function reportsOf(
  progress: CrawlProgress | undefined,
  status: ReturnType<Roster['status']>,
  waits: HostWait[] = [],
  hosts: CrawledHost[] = [],
): TaskReports {
  return new TaskReports(
    'worker-1',
    { status: () => status },
    { progress: async () => progress, waits: () => waits, hosts: () => hosts, traceId: () => 'abc' },
  );
}

function assigned(
  state: 'pending' | 'running' | 'paused' | 'done',
  reason = '',
): ReturnType<Roster['status']> {
  const record = { id: '1', name: 'a', assignedNode: undefined, creationTime: 1n };
  const cause = state === 'pending' ? 'claim' : '';
  return { state, reason, cause, sinceAt: 2_000, assignment: { name: 'a', record, epoch: 8n } };
}

describe('the report of a task', () => {
  it('says how far it is, of which run, and whose it is', async () => {
    expect(await reportsOf(PROGRESS, assigned('running')).task('a')).toMatchObject({
      state: 'running',
      pagesDone: 4n,
      pagesQueued: 3n,
      pagesFailed: 2n,
      items: 40n,
      run: 2,
      retry: 1,
      epoch: 8n,
      traceId: 'abc',
      nodeId: 'worker-1',
      since: { seconds: 2n },
    });
  });

  it.each([
    ['open', 'pending', 'not assigned to this worker'],
    ['failed', 'failed', 'no page went well'],
  ] as const)('of another worker is what the store remembers: %s', async (state, shown, reason) => {
    const progress = { ...PROGRESS, state, reason: 'no page went well' };
    expect(await reportsOf(progress, undefined).task('a')).toMatchObject({
      state: shown,
      reason,
      nodeId: '',
      epoch: 5n,
    });
  });

  it('names what keeps a pending one, and that robots.txt let one not begin', async () => {
    expect(await reportsOf(PROGRESS, assigned('pending')).task('a')).toMatchObject({ cause: 'claim' });
    const failed = (reason: string) =>
      reportsOf({ ...PROGRESS, state: 'failed', reason }, undefined).task('a');
    const forbidden = 'no page went well: http://a.test/: robots.txt disallows it';
    expect(await failed(forbidden)).toMatchObject({ cause: 'robots' });
    expect(await failed('no page went well: http://a.test/: HTTP 404')).toMatchObject({ cause: '' });
  });

  it('of one that nobody knows is none', async () => {
    const reports = reportsOf(undefined, undefined);
    await expect(reports.task('a')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await reports.tasks(['a', 'b'])).toEqual([]);
    await expect(reports.tasks(Array.from({ length: 1_001 }, String))).rejects.toThrow('at most 1000');
  });

  it('names the hosts that keep it waiting, those that do so longest first', async () => {
    const waits: HostWait[] = [
      { host: 'a', for: 'delay', forMs: 5, reason: '' },
      { host: 'b', for: 'back off', forMs: 60_000, reason: 'HTTP 429' },
      { host: 'c', for: 'turn', forMs: 0, reason: '' },
    ];
    const { waiting } = await reportsOf(PROGRESS, assigned('running'), waits).task('a');
    expect(waiting).toMatchObject([
      { host: 'b', cause: 'back off', reason: 'the host asks for fewer requests: HTTP 429' },
      { host: 'a', cause: 'delay' },
      { host: 'c', cause: 'turn', until: undefined },
    ]);
    expect((await reportsOf(PROGRESS, assigned('paused'), waits).task('a')).waiting).toEqual([]);
  });

  it('lists the hosts that it is at, each with why it is not asked right now', () => {
    const quiet: CrawledHost = {
      host: 'a.test',
      inHandCount: 3,
      openCount: 1,
      delayMs: 250.4,
      concurrency: 2,
      wait: undefined,
      failureCount: 0,
      robots: 'allows',
    };
    const wait: HostWait = { host: 'b.test', for: 'down', forMs: 60_000, reason: 'ECONNREFUSED' };
    const down: CrawledHost = { ...quiet, host: 'b.test', wait, failureCount: 4, robots: 'unknown' };
    const { hosts } = reportsOf(PROGRESS, assigned('running'), [], [quiet, down]).hosts({ name: 'a' });
    expect(hosts).toMatchObject([
      { host: 'a.test', inHand: 3, open: 1, delayMs: 250n, wait: undefined, robots: 'allows' },
      { failures: 4, wait: { cause: 'down', reason: 'the host does not answer: ECONNREFUSED' } },
    ]);
    expect(() => reportsOf(PROGRESS, undefined).hosts({ name: 'a' })).toThrow('not assigned');
  });
});
