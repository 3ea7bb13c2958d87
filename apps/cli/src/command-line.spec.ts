import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.js';
import { FakeMaster, started } from './testing/fake-master.js';

const RESOURCE = {
  id: '1621665639791857664',
  name: 'bookshop',
  nodeId: 'go.micro.server.worker-2',
  nodeAddress: '10.0.0.2:9089',
  createdAt: '2026-01-01T00:00:00Z',
  epoch: '42',
  spec: '',
  task: undefined,
};

const STREAMS = { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };

describe('the command line', () => {
  const master = new FakeMaster();
  let server: string;
  let directory: string;
  beforeAll(async () => {
    server = await master.start();
    directory = mkdtempSync(join(tmpdir(), 'orbweaver-cli-'));
  });
  afterAll(async () => {
    await master.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(() => {
    master.requests.length = 0;
    master.answer = () => ({ body: {} });
  });

  async function orbweaver(...argv: string[]) {
    return piped('', ...argv);
  }

  async function piped(stdin: string, ...argv: string[]) {
    const { done, stdout, stderr } = started([`--server=${server}`, ...argv], { stdin });
    return { exitCode: await done, stdout: stdout(), stderr: stderr() };
  }

  /** Against a master that dies in the middle of its answer. */
  async function cutOff(...argv: string[]) {
    const dying = createServer((_, response) => {
      response.writeHead(200).write('a part of it');
      setImmediate(() => response.destroy());
    });
    await once(dying.listen(0, '127.0.0.1'), 'listening');
    try {
      return await orbweaver(...argv, `--server=http://127.0.0.1:${(dying.address() as AddressInfo).port}`);
    } finally {
      dying.close();
    }
  }

  function file(name: string, content: string): string {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  }

  it('adds a task by name alone', async () => {
    master.answer = () => ({ body: { id: 'go.micro.server.worker-1', Address: '10.0.0.1:9089' } });
    const { exitCode, stdout } = await orbweaver('add', 'douban_book_list');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')[1]).toMatch(
      /^douban_book_list\s+go\.micro\.server\.worker-1\s+10\.0\.0\.1:9089$/,
    );
    expect(master.requests).toEqual([
      { method: 'POST', url: '/crawler/resource', body: { name: 'douban_book_list' } },
    ]);
  });

  it.each([
    ['YAML', 'shop.yaml', 'name: bookshop\nseeds: [http://localhost/]\n'],
    ['JSON', 'shop.json', '{"name":"bookshop","seeds":["http://localhost/"]}'],
  ])('adds the task of a %s file with its whole spec', async (_, name, content) => {
    master.answer = () => ({ body: { id: 'w', Address: 'a' } });
    await orbweaver('add', file(name, content), '--pending');
    expect(master.requests).toEqual([
      {
        method: 'POST',
        url: '/crawler/resource?pending=true',
        body: { name: 'bookshop', spec: { name: 'bookshop', seeds: ['http://localhost/'] } },
      },
    ]);
  });

  it('adds many tasks in one call and tells which of them failed', async () => {
    master.answer = () => ({
      body: {
        results: [
          { id: '1', nodeId: 'w1', nodeAddress: 'a', code: 0, message: '' },
          { id: '', nodeId: '', nodeAddress: '', code: 6, message: 'it exists with another spec' },
        ],
      },
    });
    const { exitCode, stdout, stderr } = await piped('name: one\n---\nname: two\n', 'add', '-');
    expect(master.requests[0]).toMatchObject({
      url: '/crawler/resources',
      body: {
        resources: [
          { name: 'one', spec: { name: 'one' } },
          { name: 'two', spec: { name: 'two' } },
        ],
      },
    });
    expect(stdout).toMatch(/one\s+w1/);
    expect(stdout).toMatch(/two\s+it exists with another spec/);
    expect([exitCode, stderr]).toEqual([1, '1 of 2 tasks were not added.\n']);
  });

  it.each([
    ['a file that is not there', 'missing.yaml', undefined, 'there is no such file'],
    ['a file that is not YAML', 'broken.yaml', 'name: [', 'is not valid YAML or JSON'],
    ['a file without a name', 'nameless.yaml', 'seeds: []', 'has no name; write one as in "name: bookshop"'],
    ['a file that is no mapping', 'list.yaml', '- 1', 'is not a task'],
    ['an empty file', 'empty.yaml', '', 'holds no task'],
  ])('refuses %s before it asks a master', async (_, name, content, message) => {
    const path = content === undefined ? join(directory, name) : file(name, content);
    const { exitCode, stderr } = await orbweaver('add', path);
    expect(stderr).toContain(message);
    expect([exitCode, master.requests.length]).toEqual([2, 0]);
  });

  it('lists page by page up to the limit, and says on stderr where to go on', async () => {
    master.answer = ({ url }) => ({
      body: {
        resources: [RESOURCE],
        nextPageToken: url.includes('page_token') ? 'third' : 'second',
        total: 9,
      },
    });
    const { stdout, stderr } = await orbweaver('ls', '--limit=2', '--node=w2', '--prefix=book');
    expect(master.requests.map(({ url }) => url)).toEqual([
      '/crawler/resource?page_size=2&status=true&node_id=w2&prefix=book',
      '/crawler/resource?page_size=1&page_token=second&status=true&node_id=w2&prefix=book',
    ]);
    expect(stdout.split('\n')).toHaveLength(4);
    expect(stderr).toBe('2 of 9 are shown. Go on with --page-token=third, or see them all with --all.\n');
  });

  it('shows a task with its state and its spec', async () => {
    const task = {
      state: 'failed',
      reason: 'no task of this name\u001B[2J',
      pagesDone: '3',
      pagesQueued: '4',
      pagesFailed: '1',
    };
    master.answer = () => ({ body: { ...RESOURCE, spec: '{"maxDepth":2}', task } });
    const { stdout } = await orbweaver('get', 'bookshop');
    expect(stdout).toContain('failed: no task of this name');
    expect(stdout).toContain('3 done, 4 queued, 1 failed');
    expect(stdout).toContain('maxDepth: 2');
    expect(stdout).not.toContain('\u001B');
  });

  it('gives the whole answer as JSON or YAML', async () => {
    const nodes = [
      {
        id: 'w1',
        address: 'a',
        load: 2,
        draining: false,
        state: 'crawling',
        running: 1,
        pages: '7',
        pagesPerSecond: 2.5,
        memory: '1048576',
        version: '0.1.0',
      },
    ];
    master.answer = () => ({ body: { nodes } });
    expect(JSON.parse((await orbweaver('nodes', '-o', 'json')).stdout)).toEqual({ nodes });
    expect((await orbweaver('nodes', '--output=yaml')).stdout).toContain('- id: w1');
    expect((await orbweaver('nodes')).stdout).toMatch(
      /^NODE .*\nw1 +a +crawling +2 +1 +7 +2\.5\/s +1\.0 MiB +0\.1\.0\n$/,
    );
  });

  it('lists tasks with their state, counts and rate', async () => {
    const task = {
      state: 'running',
      reason: '',
      pagesDone: '120',
      pagesQueued: '30',
      pagesFailed: '2',
      items: '96',
      pagesPerSecond: 4.25,
    };
    master.answer = () => ({ body: { resources: [{ ...RESOURCE, task }], nextPageToken: '', total: 1 } });
    const { stdout } = await orbweaver('ls');
    expect(stdout).toMatch(/^NAME +STATE +PAGES +QUEUED +FAILED +ITEMS +RATE +NODE +AGE\n/);
    expect(stdout).toMatch(/^bookshop +running +120 +30 +2 +96 +4\.3\/s +go\.micro\.server\.worker-2 /m);
  });

  it('pauses and resumes each of the tasks, and tells of each', async () => {
    master.answer = () => ({ body: RESOURCE });
    expect((await orbweaver('pause', 'a', 'b')).stdout).toBe('a is paused.\nb is paused.\n');
    expect((await orbweaver('resume', 'a')).stdout).toBe('a goes on.\n');
    expect(master.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /crawler/resource/a/pause',
      'POST /crawler/resource/b/pause',
      'POST /crawler/resource/a/resume',
    ]);
  });

  it.each([
    [['restart', 'a'], 'restart', { fromScratch: false }, 'a begins run 3.\n'],
    [['restart', 'a', '--from-scratch'], 'restart', { fromScratch: true }, 'a starts over from nothing.\n'],
    [['retry', 'a'], 'retry', {}, 'a tries its failed pages again.\n'],
  ])('%j says what it has seen, so that a repeat does nothing twice', async (argv, path, body, told) => {
    const control = { paused: false, run: 2, retry: 0, generation: 0 };
    master.answer = ({ method }) => ({
      body: { ...RESOURCE, control: method === 'GET' ? control : { ...control, run: 3 } },
    });
    const { stdout } = await orbweaver(...argv);
    expect(stdout).toBe(told);
    expect(master.requests.at(-1)).toEqual({
      method: 'POST',
      url: `/crawler/resource/a/${path}`,
      body: { ...body, expected: control },
    });
  });

  it('shows pages that failed with the reason, and how to try them again', async () => {
    const page = {
      url: 'http://shop.test/9',
      rule: 'book',
      status: 200,
      attempts: 4,
      error: 'the field "price" is missing',
      fetchedAt: '2026-01-01T00:00:00Z',
    };
    master.answer = () => ({ body: { pages: [page], nextPageToken: '' } });
    const { stdout, stderr } = await orbweaver('failures', 'bookshop');
    expect(master.requests[0]?.url).toBe('/crawler/resource/bookshop/pages?page_size=100&failed=true');
    expect(stdout).toMatch(/^http:\/\/shop\.test\/9 +book +200 +4 +\w+ +the field "price" is missing$/m);
    expect(stderr).toBe('Try them again with: orbweaver retry bookshop\n');
  });

  it('shows some items as a table with the fields that they have', async () => {
    const items = [
      { url: 'http://shop.test/1', data: '{"title":"A","price":1.5}' },
      { url: 'http://shop.test/2', data: '{"title":"B","tags":["x"]}' },
    ];
    master.answer = () => ({ body: { items, nextPageToken: '' } });
    const { stdout } = await orbweaver('results', 'bookshop', '--limit=2');
    expect(master.requests[0]?.url).toBe('/crawler/resource/bookshop/items/page?page_size=2');
    expect(stdout).toBe(
      'TITLE  PRICE  TAGS   URL\n' +
        'A      1.5           http://shop.test/1\n' +
        'B             ["x"]  http://shop.test/2\n',
    );
  });

  it('passes a file of all items on as it comes', async () => {
    master.answer = () => ({ body: 'title\r\nA\r\n' });
    const { stdout, exitCode } = await orbweaver('results', 'bookshop', '-o', 'csv');
    expect(master.requests[0]?.url).toBe('/crawler/resource/bookshop/items?format=csv');
    expect([stdout, exitCode]).toEqual(['title\r\nA\r\n', 0]);
  });

  it('saves a file of all items, in the format that its name says', async () => {
    master.answer = () => ({ body: '{"a":1}\n' });
    const path = join(directory, 'books.ndjson');
    const { stdout, stderr } = await orbweaver('results', 'bookshop', `--output=${path}`);
    expect(master.requests[0]?.url).toBe('/crawler/resource/bookshop/items?format=jsonl');
    expect([readFileSync(path, 'utf8'), stdout, stderr]).toEqual(['{"a":1}\n', '', `Wrote ${path}, 8 B.\n`]);
  });

  it('leaves the file as it was, and nothing beside it, when the items are cut off', async () => {
    const path = file('kept.csv', 'old');
    const before = readdirSync(directory);
    const { exitCode, stderr } = await cutOff('results', 'bookshop', `--output=${path}`);
    expect([exitCode, readFileSync(path, 'utf8'), readdirSync(directory)]).toEqual([4, 'old', before]);
    expect(stderr).toContain('cut off');
  });

  it.each([
    [['results', 'x', '--output=books.txt'], 'does not say what it is to hold'],
    [['results', 'x', '--format=table', '--output=a.csv'], 'A table is for the terminal'],
    [['add', 'tasks/books.ts'], 'orbweaver add books'],
  ])('%j is refused before a master is asked', async (argv, message) => {
    const { exitCode, stderr } = await orbweaver(...argv);
    expect([exitCode, stderr, master.requests]).toEqual([2, expect.stringContaining(message), []]);
  });

  it('takes options before the command as well as after it', async () => {
    master.answer = () => ({ body: { nodes: [] } });
    expect((await orbweaver('-o', 'json', 'nodes')).stdout).toBe('{\n  "nodes": []\n}\n');
    expect((await orbweaver('-o', 'json', 'nodes', '-o', 'yaml')).stdout).toBe('nodes: []\n');
  });

  it('says why a task is as it is, and what would change that', async () => {
    master.answer = () => ({
      body: { name: 'a', state: 'pending', cause: 'no worker', reason: 'No worker.', remedy: 'Start one.' },
    });
    expect((await orbweaver('explain', 'a')).stdout).toBe('No worker.\nStart one.\n');
    expect(master.requests.map(({ url }) => url)).toEqual(['/crawler/resource/a/explain']);
  });

  it('escapes names in paths', async () => {
    master.answer = ({ url }) => ({ body: url === '/crawler/node' ? { nodes: [] } : RESOURCE });
    await orbweaver('set-spec', 'a b?', file('spec.yaml', 'seeds: []'));
    await orbweaver('drain', 'w/1');
    expect(master.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'PUT /crawler/resource/a%20b%3F/spec',
      'GET /crawler/node',
      'POST /crawler/node/w%2F1/drain',
    ]);
  });

  it.each([
    [400, 3, 1],
    [404, 5, 3],
    [409, 6, 1],
    [503, 14, 4],
    [504, 4, 4],
  ])('ends with a code for HTTP %d (code %d): %d', async (status, code, exitCode) => {
    master.answer = () => ({ status, body: { code, message: 'no such task', details: [] } });
    const result = await orbweaver('get', 'x');
    expect([result.exitCode, result.stdout]).toEqual([exitCode, '']);
    expect(result.stderr).toMatch(/^No such task\.\n/);
  });

  it('removes what it can when some names are unknown', async () => {
    master.answer = ({ body }) =>
      (body as { name: string }).name === 'gone'
        ? { status: 404, body: { code: 5, message: 'no such task', details: [] } }
        : { body: {} };
    const { exitCode, stdout, stderr } = await orbweaver('delete', 'one', 'gone', 'two');
    expect([exitCode, stdout, stderr]).toEqual([3, 'Deleted one.\nDeleted two.\n', 'gone: No such task.\n']);
  });

  it('shows the hosts of a task, and why they wait', async () => {
    const host = { host: 'shop.test', inHand: 3, open: 0, delayMs: '2000', concurrency: 1, failures: 1 };
    const wait = { host: 'shop.test', cause: 'back off', reason: 'HTTP 429' };
    master.answer = () => ({ body: { hosts: [{ ...host, robots: 'allows', wait }] } });
    const { stdout } = await orbweaver('hosts', 'bookshop');
    expect(master.requests[0]?.url).toBe('/crawler/resource/bookshop/hosts');
    expect(stdout).toMatch(/^shop\.test +3 +0 +2 s +1 +allows +1 +back off: HTTP 429$/m);
  });

  it('shows how a crawl went, in as many rows as fit on a screen', async () => {
    const points = Array.from({ length: 48 }, (_, n) => ({
      at: new Date(n * 10_000).toISOString(),
      done: '2',
      failed: n === 0 ? '1' : '0',
      items: '3',
      bytes: '512',
      queued: String(48 - n),
    }));
    const statuses = [
      { status: 200, pages: '96' },
      { status: 0, pages: '1' },
    ];
    master.answer = () => ({ body: { points, stepSeconds: 10, statuses } });
    const { stdout } = await orbweaver('history', 'bookshop');
    expect(stdout.split('\n')).toHaveLength(1 + 24 + 2 + 1);
    expect(stdout).toMatch(/^1970-01-01T00:00:00\.000Z +4 +1 +6 +1\.0 KiB +47 +█+$/m);
    expect(stdout).toContain('HTTP 200: 96, no answer: 1');
  });

  it('shows what a task crawled before, and one of it as the file that it could be', async () => {
    const specs = [{ spec: '{"maxDepth":2}', replacedAt: '2026-01-01T00:00:00Z', revision: '1815' }];
    master.answer = () => ({ body: { specs } });
    expect((await orbweaver('specs', 'bookshop')).stdout).toMatch(/^1815 .*\{"maxDepth":2\}$/m);
    expect((await orbweaver('specs', 'bookshop', '1815')).stdout).toBe('maxDepth: 2\n');
    expect((await orbweaver('specs', 'bookshop', '7')).exitCode).toBe(3);
  });

  it.each([
    ['worker-2', 'go.micro.server.worker-2'],
    ['go.micro.server.worker-2', 'go.micro.server.worker-2'],
    ['worker-gone', 'worker-gone'],
  ])('a worker to drain that is called %s is %s', async (name, id) => {
    master.answer = () => ({ body: { id, load: 1, nodes: [{ id: 'go.micro.server.worker-2' }] } });
    await orbweaver('undrain', name);
    expect(master.requests.at(-1)).toMatchObject({ method: 'DELETE', url: `/crawler/node/${id}/drain` });
  });

  it('shows and saves the items with a text, however many pages have none', async () => {
    const [item] = [{ url: 'http://shop.test/1', data: '{"title":"Anna"}' }];
    master.answer = ({ url }) => ({
      body: url.includes('/items/page')
        ? url.includes('page_token')
          ? { items: [item], nextPageToken: '', searched: 7 }
          : { items: [], nextPageToken: 'next', searched: 5000 }
        : '{"title":"Anna"}\n',
    });
    expect((await orbweaver('results', 'shop', '--contains=an%')).stdout).toMatch(/^Anna +http/m);
    await orbweaver('results', 'shop', '--contains=an%', '--format=jsonl');
    expect(master.requests.map(({ url }) => url)).toEqual([
      '/crawler/resource/shop/items/page?page_size=100&contains=an%25',
      '/crawler/resource/shop/items/page?page_size=100&page_token=next&contains=an%25',
      '/crawler/resource/shop/items?format=jsonl&contains=an%25',
    ]);
    master.answer = () => ({ body: { items: [], nextPageToken: '', searched: 7 } });
    expect((await orbweaver('results', 'shop', '--contains=x')).stdout).toBe('No item has "x" in it.\n');
  });

  it('takes a profile of a node that is named shortly', async () => {
    master.answer = ({ url }) => ({
      body: url.includes('/profile')
        ? 'profile'
        : { nodes: [{ id: 'go.micro.server.worker-2' }], masters: [{ id: 'go.micro.server.master-1' }] },
    });
    const path = join(directory, 'cpu.pb.gz');
    const { exitCode, stderr } = await orbweaver('profile', 'worker-2', '--seconds=3', `--output=${path}`);
    expect(master.requests.at(-1)?.url).toBe(
      '/crawler/node/go.micro.server.worker-2/profile?kind=cpu&seconds=3',
    );
    expect([exitCode, readFileSync(path, 'utf8')]).toEqual([0, 'profile']);
    expect(stderr).toBe(`Wrote ${path}, 7 B. Look at it with: go tool pprof -http=: ${path}\n`);
    const unknown = await orbweaver('profile', 'worker-9');
    expect([unknown.exitCode, unknown.stderr]).toEqual([3, expect.stringContaining('worker-2')]);
  });

  it('lists tasks in an order, of some states', async () => {
    master.answer = () => ({ body: { resources: [], nextPageToken: '', total: 0 } });
    await orbweaver('ls', '--sort=-rate', '--state=running,failed', '--query=book');
    expect(master.requests[0]?.url).toBe(
      '/crawler/resource?page_size=100&status=true&query=book&states=running&states=failed&sort=-rate',
    );
  });

  it('draws progress on a terminal alone', async () => {
    const tasks = Array.from({ length: 1_001 }, (_, n) => `name: t${n}\n`).join('---\n');
    master.answer = ({ body }) => ({
      body: {
        results: (body as { resources: object[] }).resources.map(() => ({ id: '1', nodeId: 'w', code: 0 })),
      },
    });
    const argv = [`--server=${server}`, 'add', '-', '-o', 'json'];
    const watched = started(argv, { stdin: tasks, isTTY: true });
    expect([await watched.done, watched.stderr()]).toEqual([0, expect.stringContaining('0 of 1001 tasks')]);
    const piped_ = started(argv, { stdin: tasks });
    expect([await piped_.done, piped_.stderr()]).toEqual([0, '']);
  });

  it.each([
    [
      ['logs', 'boo'],
      ['bookshop', 'books'],
    ],
    [
      ['delete', 'books', 'boo'],
      ['bookshop', 'books'],
    ],
    [['drain', ''], ['go.micro.server.worker-1']],
    [
      ['profile', ''],
      ['go.micro.server.worker-1', 'go.micro.server.master-1'],
    ],
    [['add', 'boo'], []],
  ])('completes %j with what the cluster has', async (words, names) => {
    master.answer = ({ url }) => ({
      body: url.startsWith('/crawler/resource')
        ? { resources: [{ name: 'bookshop' }, { name: 'books' }] }
        : { nodes: [{ id: 'go.micro.server.worker-1' }], masters: [{ id: 'go.micro.server.master-1' }] },
    });
    // The library writes there.
    const { log } = console;
    const told: string[] = [];
    console.log = (line: string) => told.push(line.split('\t')[0] ?? '');
    try {
      const [command = '', ...rest] = words;
      const argv = ['complete', '--', command, `--server=${server}`, '--timeout=30s', ...rest];
      expect(await run(argv, STREAMS)).toBe(0);
    } finally {
      console.log = log;
    }
    expect(told.slice(0, -1)).toEqual(names);
  });

  it('asks the next master when one is gone', async () => {
    master.answer = () => ({ body: { nodes: [] } });
    const { exitCode, stdout } = await orbweaver('nodes', `--server=http://127.0.0.1:1,${server}`);
    expect([exitCode, stdout]).toEqual([0, 'No worker is registered.\n']);
  });

  it('says what to do when no master answers', async () => {
    const { exitCode, stderr } = await orbweaver('nodes', '--server=http://127.0.0.1:1');
    expect(exitCode).toBe(4);
    expect(stderr).toContain('No master answers at http://127.0.0.1:1');
    expect(stderr).toContain('`orbweaver up`');
  });

  it('notices a server that is no master', async () => {
    master.answer = () => ({ body: '<html>' });
    const { exitCode, stderr } = await orbweaver('nodes');
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('does not answer like a master')]);
  });

  it.each([
    [['lss'], "Unknown command 'lss'"],
    [['logs', 'a', '--since=yesterday'], 'Expected a duration such as 10m'],
    [['logs', 'a', '--level=loud'], 'Allowed choices are debug, info, warn, error'],
    [['profile', 'w', '--seconds=301'], 'Expected at most 300'],
    [['ls', '--state=lost'], '"lost" is none of pending, running'],
    [['ls', '--limit=0'], 'Expected a whole number of at least 1'],
    [['nodes', '--output=xml'], 'Allowed choices are table, json, yaml'],
    [['nodes', '--server=localhost'], '"localhost" is not a URL such as http://127.0.0.1:8081'],
    [['get'], "Missing required argument 'name'"],
    [[], 'Usage: orbweaver'],
  ])('refuses %j with code 2', async (argv, message) => {
    const { exitCode, stderr, stdout } = await orbweaver(...argv);
    expect([exitCode, stderr, stdout]).toEqual([2, expect.stringContaining(message), '']);
  });

  it.each([['--help'], ['help']])('explains itself at %s', async (argument) => {
    const { exitCode, stdout } = await orbweaver(argument);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Exit codes: 0 done')]);
  });
});
