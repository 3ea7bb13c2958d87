import type { cluster as proto, worker } from '@app/proto';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import type { MasterProcess } from './master-process.js';
import { ScriptedWorker, type WatchCall } from './scripted-worker.js';

const LONG_MS = 180_000;

/** proto3 JSON of what the tests look at. */
interface List {
  resources: { name: string; nodeId: string; task: Task }[];
  total: number;
  nextPageToken: string;
  counts: { state: string; count: number }[];
}
type Task = { state: string; reason: string; pagesDone: string; lastError: string };

/** What server-sent events tell, filled as it comes. */
class Stream<T> {
  readonly told: T[] = [];
  isOver = false;
  hasEnd = false;
  private readonly gone = new AbortController();
  private readonly reading: Promise<void>;

  private constructor(answer: Response, gone: AbortController) {
    this.gone = gone;
    this.reading = this.read(answer).catch(() => undefined);
  }

  static async open<T>(master: MasterProcess, path: string): Promise<Stream<T>> {
    const gone = new AbortController();
    const answer = await fetch(`http://${master.http}${path}`, { signal: gone.signal });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    return new Stream<T>(answer, gone);
  }

  async close(): Promise<void> {
    this.gone.abort();
    await this.reading;
  }

  /** The newest, once it is as wanted. */
  latest(wanted: (value: T) => boolean, what: string): Promise<T> {
    return until(() => this.told.findLast((value, i) => i === this.told.length - 1 && wanted(value)), {
      what,
    });
  }

  private async read(answer: Response): Promise<void> {
    let text = '';
    try {
      for await (const bytes of answer.body!.pipeThrough(new TextDecoderStream())) {
        text += bytes;
        const events = text.split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) {
          if (event.startsWith('event: end')) this.hasEnd = true;
          else if (event.startsWith('data: ')) this.told.push(JSON.parse(event.slice(6)) as T);
        }
      }
    } finally {
      this.isOver = true;
    }
  }
}

describe('what is told live', () => {
  let cluster: Cluster;
  let workers: ScriptedWorker[];
  const streams: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    cluster = await Cluster.start();
    workers = [];
  });
  afterEach(async () => {
    await Promise.all(streams.splice(0).map((stream) => stream.close()));
    for (const worker of workers) worker.stop();
    await cluster.stop();
  });

  async function open<T>(master: MasterProcess, path: string): Promise<Stream<T>> {
    const stream = await Stream.open<T>(master, path);
    streams.push(stream);
    return stream;
  }

  /** A worker that tells of its tasks what it is made to. */
  async function worker(id: string): Promise<Teller> {
    const scripted = await ScriptedWorker.start(cluster, id);
    workers.push(scripted);
    return new Teller(scripted);
  }

  const names = ({ resources }: List): string => resources.map(({ name }) => name).join(' ');
  const list = async (master: MasterProcess, query: string): Promise<List> =>
    (await master.rest('GET', `/crawler/resource?${query}`)).body as unknown as List;

  it(
    'a list is of the states and in the order that are asked for, page by page, and so are its counts',
    async () => {
      const teller = await worker('1');
      const master = await cluster.master('1');
      await cluster.leader();
      await cluster.workersKnown(master, 1);
      for (const name of ['a', 'b', 'ab', 'c', 'd']) await master.add(name);
      teller.tell({
        tasks: [
          task('a', 'running', { pagesDone: 5n, items: 3n }),
          task('b', 'running', { pagesDone: 7n }),
          task('ab', 'done', { pagesDone: 9n, lastError: 'HTTP 404' }),
          task('c', 'failed', { pagesDone: 5n, reason: 'no seeds' }),
        ],
        gone: [],
        synced: true,
      });
      await until(async () => names(await list(master, 'sort=-done&states=running')) === 'b a', {
        what: 'the index knows what the worker has told',
      });
      await until(async () => (await list(master, 'sort=-done')).total === 5, { what: 'all are listed' });
      expect(names(await list(master, 'sort=-done'))).toBe('ab b a c d');
      expect(names(await list(master, 'sort=done'))).toBe('d a c b ab');
      expect(names(await list(master, 'sort=-error&pageSize=1'))).toBe('ab');
      expect(names(await list(master, 'sort=-name'))).toBe('d c b ab a');
      expect(names(await list(master, 'query=b'))).toBe('ab b');
      expect(names(await list(master, 'states=pending&states=failed'))).toBe('c d');
      const first = await list(master, 'sort=-done&pageSize=2&status=true');
      expect(names(first)).toBe('ab b');
      expect(first.resources[0]!.task).toMatchObject({
        state: 'done',
        pagesDone: '9',
        lastError: 'HTTP 404',
      });
      expect(first.total).toBe(5);
      expect(first.counts).toEqual([
        { state: 'done', count: 1 },
        { state: 'failed', count: 1 },
        { state: 'pending', count: 1 },
        { state: 'running', count: 2 },
      ]);
      expect(names(await list(master, `sort=-done&pageSize=2&pageToken=${first.nextPageToken}`))).toBe('a c');
      const last = await list(master, 'sort=-done&pageSize=2&offset=4');
      expect([names(last), last.nextPageToken]).toEqual(['d', '']);
      const plain = await list(master, 'pageSize=2&status=true');
      expect(plain.resources.map(({ task: { state } }) => state)).toEqual(['running', 'done']);
      expect(plain.counts).toEqual(first.counts);
      expect(workers[0]!.asked).toEqual([]);
    },
    LONG_MS,
  );

  it('what is asked for wrongly is refused as a whole', async () => {
    const master = await cluster.master('1');
    for (const [path, status, message] of [
      ['/crawler/resource?sort=size', 400, /^sort is one of name, state, /],
      ['/crawler/resources/watch?sort=size', 400, /^sort is one of name, state, /],
      ['/crawler/resource?states=gone', 400, /^states are of pending, /],
      ['/crawler/resource?offset=-1', 400, /^offset is at least 0/],
      ['/crawler/resource?offset=1&pageToken=YQ', 400, /not both/],
      ['/crawler/resource?sort=done&pageToken=YQ', 400, /^page_token is none/],
      ['/crawler/resources/watch?pageToken=YQ%3D', 400, /^page_token is none/],
      ['/crawler/resource/nobody/watch', 404, /no such task/],
    ] as const) {
      const { status: told, body } = await master.rest('GET', path);
      expect([path, told, body.message]).toEqual([path, status, expect.stringMatching(message)]);
    }
  });

  it(
    'a list, a resource and the cluster are told now and whenever they are others, by a follower too',
    async () => {
      const teller = await worker('1');
      await cluster.master('1');
      await cluster.leader();
      const follower = await cluster.master('2');
      await cluster.leader();
      await cluster.workersKnown(follower, 1);
      const live = await open<List>(follower, '/crawler/resources/watch?sort=-done');
      const again = await open<List>(follower, '/crawler/resources/watch?sort=-done');
      await live.latest(({ total }) => total === 0, 'there is nothing');
      await follower.add('a');
      teller.tell({ tasks: [], gone: [], synced: true });
      const isNew = (value: List): boolean =>
        names(value) === 'a' && (value.resources[0]?.task as Task | null)?.state === 'pending';
      await live.latest(isNew, 'the new one is told, and that it waits');
      const one = await open<proto.Resource & { task: Task }>(follower, '/crawler/resource/a/watch');
      await one.latest(({ name }) => name === 'a', 'it is told');
      teller.tell({ tasks: [task('a', 'running', { pagesDone: 1n })], gone: [], synced: false });
      await live.latest(
        ({ resources }) => resources[0]?.task.pagesDone === '1',
        'the list tells what is done',
      );
      await again.latest(({ resources }) => resources[0]?.task.pagesDone === '1', 'so does another');
      await one.latest(({ task: { state } }) => state === 'running', 'the resource is told to run');
      await follower.rest('POST', '/crawler/resource/a/pause');
      await one.latest(({ control }) => control?.paused === true, 'what is wanted of it is told');

      type Status = {
        nodes: { id: string; draining: boolean }[];
        masters: { memory: string; version: string }[];
        leader?: { value: string } | null;
      };
      const whole = await open<Status>(follower, '/crawler/cluster/watch');
      const isWhole = ({ nodes, masters, leader }: Status): boolean =>
        nodes.length === 1 && masters.length === 2 && leader?.value.startsWith('master1-') === true;
      await whole.latest(isWhole, 'the cluster is told');
      await whole.latest(
        ({ masters }) => masters.every(({ memory, version }) => Number(memory) > 1e6 && version !== ''),
        'masters tell their memory and version',
      );
      await worker('2');
      await whole.latest(({ nodes }) => nodes.length === 2, 'a worker joins');
      await follower.rest('DELETE', '/crawler/resource', { name: 'a' });
      await live.latest(({ total }) => total === 0, 'it is deleted');
      await until(() => one.isOver, { what: 'the stream of what is deleted ends' });
      expect(one.hasEnd).toBe(true);
    },
    LONG_MS,
  );

  it(
    'what a worker said is forgotten when it is gone, and when it is silent for long; one that returns tells anew',
    async () => {
      const teller = await worker('1');
      const master = await cluster.master('1');
      await cluster.leader();
      await cluster.workersKnown(master, 1);
      await master.add('a');
      await master.add('b');
      teller.tell({ tasks: [task('a', 'running'), task('b', 'done')], gone: [], synced: true });
      const live = await open<List>(master, '/crawler/resources/watch');
      const states = ({ resources }: List): string =>
        resources.map(({ task }) => (task as Task | null)?.state ?? '-').join(' ');
      await live.latest((value) => states(value) === 'running done', 'both are told');
      teller.breakOff();
      await until(() => teller.openCount >= 2, { what: 'the master comes again' });
      teller.tell({ tasks: [task('a', 'done')], gone: [], synced: true });
      await live.latest((value) => states(value) === 'done pending', 'the new stream counts');
      teller.refuses = true;
      teller.breakOff();
      await live.latest((value) => states(value) === '- -', 'it is silent');
      expect((await list(master, 'states=unknown')).total).toBe(2);
      teller.refuses = false;
      await until(() => teller.openCount >= 3, { what: 'the master comes again' });
      teller.tell({ tasks: [task('a', 'running')], gone: [], synced: true });
      await live.latest((value) => states(value) === 'running pending', 'it has told');
    },
    LONG_MS,
  );

  it(
    'a master that stops ends its streams at once, and not as if all had been told',
    async () => {
      const master = await cluster.master('1');
      const live = await open<List>(master, '/crawler/resources/watch');
      const whole = await open<unknown>(master, '/crawler/cluster/watch');
      await live.latest(() => true, 'the list is told');
      const stopped = master.process.stop();
      await until(() => live.isOver && whole.isOver, { what: 'both end' });
      await stopped;
      expect([live.hasEnd, whole.hasEnd]).toEqual([false, false]);
    },
    LONG_MS,
  );
});

/** The tasks of a scripted worker, as it tells them to every master that watches. */
class Teller {
  refuses = false;
  openCount = 0;
  private readonly calls = new Set<WatchCall>();
  private last: worker.TaskChanges | undefined;

  constructor(scripted: ScriptedWorker) {
    scripted.watches = (call) => {
      if (this.refuses) {
        call.emit('error', { code: 14, details: 'not now' });
        return;
      }
      this.openCount++;
      this.calls.add(call);
      call.on('close', () => this.calls.delete(call));
      call.on('cancelled', () => this.calls.delete(call));
      if (this.last !== undefined) call.write(this.last);
    };
  }

  tell(changes: worker.TaskChanges): void {
    if (changes.synced) this.last = changes;
    for (const call of this.calls) call.write(changes);
  }

  breakOff(): void {
    this.last = undefined;
    for (const call of this.calls) call.end();
    this.calls.clear();
  }
}

function task(name: string, state: string, more: Partial<worker.TaskStatus> = {}): worker.TaskStatus {
  return {
    name,
    state,
    reason: '',
    pagesDone: 0n,
    pagesQueued: 0n,
    pagesFailed: 0n,
    since: undefined,
    nodeId: '',
    epoch: 1n,
    items: 0n,
    pagesPerSecond: 0,
    run: 1,
    retry: 0,
    waiting: [],
    lastError: '',
    traceId: '',
    cause: '',
    endedHere: false,
    ...more,
  };
}
