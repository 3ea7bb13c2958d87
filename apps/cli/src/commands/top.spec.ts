import type { ServerResponse } from 'node:http';
import { until } from '../../../../test/support/until.js';
import { run } from '../run.js';
import { FakeMaster, started } from '../testing/fake-master.js';
import { FakeTerminal } from '../testing/fake-terminal.js';

const node = (id: number) => ({
  id: `go.micro.server.worker-${id}`,
  state: 'crawling',
  draining: false,
  load: 3,
  running: 2,
  pages: '70',
  pagesPerSecond: 2.5,
});

const task = (name: string, pagesDone: number) => ({
  name,
  nodeId: 'go.micro.server.worker-1',
  createdAt: '2026-01-01T00:00:00Z',
  task: {
    state: 'running',
    reason: 'it goes',
    pagesDone: String(pagesDone),
    pagesQueued: '30',
    pagesFailed: '1',
    items: '9',
    pagesPerSecond: 2.5,
  },
});

const status = (leader: string, workers = 2) => ({
  masters: [{ id: 'master-1' }, { id: 'master-2' }],
  leader: { value: leader, term: '7', since: new Date().toISOString() },
  nodes: Array.from({ length: workers }, (_, n) => node(n + 1)),
  etcd: { ok: true, reason: '', members: [], alarms: [] },
  counts: [{ state: 'running', count: 2 }],
});

/** A master that tells of a cluster. */
class TellingMaster extends FakeMaster {
  readonly #told = new Map<string, ServerResponse>();

  constructor(
    private readonly cluster: object,
    private readonly tasks: readonly object[],
  ) {
    super();
    this.stream = ({ url }, response) => {
      const path = url.split('?')[0] ?? '';
      if (!path.endsWith('/watch')) return false;
      this.#told.set(path, response.writeHead(200, { 'content-type': 'text/event-stream' }));
      this.tell(path, path === '/crawler/cluster/watch' ? this.cluster : this.list(this.tasks));
      return true;
    };
  }

  tellTasks(...tasks: object[]): void {
    this.tell('/crawler/resources/watch', this.list(tasks));
  }

  private tell(path: string, value: object): void {
    this.#told.get(path)?.write(`data: ${JSON.stringify(value)}\n\n`);
  }

  private list(resources: readonly object[]): object {
    return { resources, total: resources.length, counts: [{ state: 'running', count: resources.length }] };
  }
}

function shows(terminal: FakeTerminal, text: string): Promise<true> {
  return until(() => terminal.lines.join('\n').includes(text), { what: `it shows ${text}` });
}

describe('watching a cluster', () => {
  const masters: TellingMaster[] = [];
  const endings: (() => Promise<number>)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
    await Promise.all(masters.splice(0).map((master) => master.stop().catch(() => undefined)));
  });

  async function telling(cluster: object, ...tasks: object[]): Promise<{ told: TellingMaster; url: string }> {
    const told = new TellingMaster(cluster, tasks);
    masters.push(told);
    return { told, url: await told.start() };
  }

  /** On a terminal of this size; `ended` presses q and gives the exit code. */
  function watching(size: [columns: number, rows: number], ...argv: string[]) {
    const terminal = new FakeTerminal(...size);
    const done = run(argv, terminal.streams);
    const ended = (): Promise<number> => {
      terminal.keyboard.write('q');
      return done;
    };
    endings.push(ended);
    return { terminal, ended };
  }

  it('shows what changes when it is told, without asking again', async () => {
    const { told, url } = await telling(status('master1'), task('shop', 1), task('news', 1));
    const { terminal, ended } = watching([120, 20], `--server=${url}`, 'top');
    await shows(terminal, 'news');
    expect(terminal.lines[0]).toMatch(/^2 masters: master1 leads, term 7, since \d+s$/);
    expect(terminal.lines[1]).toBe('2 workers, 2 tasks (2 running), 5.0/s');
    expect(terminal.lines.at(-1)).toBe('q ends.');
    told.tellTasks(task('shop', 4711));
    await shows(terminal, '4711');
    expect(terminal.lines.join('\n')).not.toContain('news');
    expect(told.requests.map((request) => request.url).sort()).toEqual([
      '/crawler/cluster/watch',
      '/crawler/resources/watch?page_size=100&status=true&sort=-rate',
    ]);
    expect(await ended()).toBe(0);
  });

  it('goes on with another master; while there is none the picture stays and says since when', async () => {
    const first = await telling(status('master1'), task('shop', 1));
    const second = await telling(status('master2'), task('shop', 2));
    const { terminal, ended } = watching([120, 20], `--server=${first.url},${second.url}`, 'top');
    await shows(terminal, 'master1 leads');
    await first.told.stop();
    await shows(terminal, 'master2 leads');
    await shows(terminal, 'q ends.');
    await second.told.stop();
    await until(() => terminal.lines.at(-1)?.match(/^Not connected since \d\d:\d\d:\d\dZ.*: \S/), {
      what: 'it says since when',
    });
    expect(terminal.lines[0]).toContain('master2 leads');
    expect(await ended()).toBe(0);
  });

  it.each([
    [120, 'TASK STATE PAGES QUEUED FAILED ITEMS RATE WHY'],
    [60, 'TASK STATE PAGES QUEUED FAILED RATE'],
    [40, 'TASK STATE PAGES RATE'],
  ])('on %d columns it shows %s, each line as one', async (columns, head) => {
    const { url } = await telling(status('master1'), task('a-shop-with-a-name', 1));
    const { terminal } = watching([columns, 20], `--server=${url}`, 'top');
    await shows(terminal, 'a-shop');
    expect(
      terminal.lines
        .find((line) => line.startsWith('TASK'))
        ?.split(/ +/)
        .join(' '),
    ).toBe(head);
    expect(Math.max(...terminal.lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  it('leaves room for tasks however many workers there are', async () => {
    const { url } = await telling(status('master1', 50), task('shop', 1));
    const { terminal } = watching([120, 20], `--server=${url}`, 'top');
    await shows(terminal, 'shop');
    expect(terminal.lines.join('\n')).toMatch(/… and \d+ workers more/);
  });

  it('is one picture where nobody watches, and one answer for a program', async () => {
    const { url } = await telling(status('master1'), task('shop', 1));
    const piped = started([`--server=${url}`, 'top']);
    expect(await piped.done).toBe(0);
    expect(piped.stdout()).toMatch(/^2 masters: master1 leads(.|\n)*\nshop +running .* it goes\n$/);
    const program = started([`--server=${url}`, 'top', '-o', 'json']);
    expect(await program.done).toBe(0);
    expect(JSON.parse(program.stdout())).toMatchObject({
      leader: { value: 'master1' },
      nodes: [{}, {}],
      resources: [{ name: 'shop' }],
      total: 1,
    });
  });

  it('says that no master answers, and ends', async () => {
    const terminal = new FakeTerminal(120, 20);
    expect(await run(['--server=http://127.0.0.1:1', 'top'], terminal.streams)).toBe(4);
    expect(terminal.written).toEqual([expect.stringContaining('No master answers at http://127.0.0.1:1')]);
  });

  it('lists tasks in place, of the page that was asked for', async () => {
    const { told, url } = await telling(status('master1'), task('shop', 1));
    const argv = [`--server=${url}`, 'ls', '--watch', '--query=sh', '--state=running', '--limit=7'];
    const { terminal, ended } = watching([120, 20], ...argv);
    await shows(terminal, 'shop');
    expect(terminal.lines[0]).toBe('1 task: 1 running');
    expect(told.requests[0]?.url).toBe(
      '/crawler/resources/watch?page_size=7&status=true&query=sh&states=running',
    );
    told.tellTasks(task('shop', 1), task('shed', 2));
    await shows(terminal, 'shed');
    expect(await ended()).toBe(0);
    const all = started([`--server=${url}`, 'ls', '--watch', '--all']);
    expect([await all.done, all.stderr()]).toEqual([2, expect.stringContaining('At most 1000 tasks')]);
  });
});
