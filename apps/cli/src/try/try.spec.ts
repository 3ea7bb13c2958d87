import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { until } from '../../../../test/support/until.js';
import { run } from '../run.js';

const LIST = `<title>Novels</title><h1>Novels</h1>
<div class=book><a href="/book/1">One</a> <i class=price>12.50</i></div>
<div class=book><a href="/book/2">Two</a> <i class=price>ask us</i></div>
<div class=book><a href="/book/3">Three</a></div>
<a class=other href="http://elsewhere.test/">away</a><a class=next href="/list?page=2">more</a>`;

const TASK = (seed: string) => `
name: novels
seeds: [${seed}]
rules:
  list:
    follow:
      - { each: .book, select: a, to: book, carry: { name: { css: a } } }
      - { select: a.other, to: book }
    paginate: a.next
    each: .book
    fields:
      title: a
      price: { css: .price, type: number }
      author: { css: .author }
  book:
    fields: { title: { css: h1, required: true } }
`;

describe('a task that is tried', () => {
  const asked: string[] = [];
  let robots = '';
  /** The page comes when this has happened. */
  let isReady: Promise<void>;
  let server: Server;
  let site: string;
  let directory: string;
  beforeAll(async () => {
    server = createServer(({ url = '' }, response) => {
      asked.push(url);
      const html = { 'content-type': 'text/html; charset=utf-8' };
      if (url === '/robots.txt') response.writeHead(robots === '' ? 404 : 200).end(robots);
      else if (url === '/moved') response.writeHead(301, { location: '/list' }).end();
      else if (url === '/list') void isReady.then(() => response.writeHead(200, html).end(LIST));
      else if (url.startsWith('/book/')) response.writeHead(200, html).end('<h2>no heading</h2>');
      else response.writeHead(404, html).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    directory = mkdtempSync(join(tmpdir(), 'orbweaver-try-'));
  });
  afterAll(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(() => {
    asked.length = 0;
    robots = '';
    isReady = Promise.resolve();
  });

  function file(name: string, content: string): string {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  }

  function started(...argv: string[]) {
    const [out, err]: [string[], string[]] = [[], []];
    const done = run(['try', ...argv], {
      stdin: Readable.from(['']),
      stdout: { write: (part) => out.push(Buffer.from(part).toString()) },
      stderr: { write: (part) => err.push(Buffer.from(part).toString()) },
    });
    return { done, out, err };
  }

  async function tried(...argv: string[]) {
    const { done, out, err } = started(...argv);
    return { exitCode: await done, stdout: out.join(''), stderr: err.join('') };
  }

  it('shows what each part of the rule finds on its first page', async () => {
    const { exitCode, stdout } = await tried(file('task.yaml', TASK(`${site}/list`)));
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`✓ ${site}/list  200  text/html; charset=utf-8`);
    expect(stdout).toContain('there is no robots.txt');
    expect(stdout).toContain('Rule list  (others, with --rule: book)');
    expect(stdout).toMatch(/→ book {2}\.book › a@href {2}3 links\n +http:\S+\/book\/1 {2}name=One\n/);
    expect(stdout).toMatch(/→ book {2}a\.other@href {2}no links, 1 more left out/);
    expect(stdout).toMatch(/more pages {2}a\.next@href {2}1 link\n/);
    expect(stdout).toMatch(/✓ title +a +text +One {2}· {2}Two {2}· {2}Three/);
    expect(stdout).toMatch(/○ price +\.price +number +12\.5 +2 of 3: there is "ask us", which is no number/);
    expect(stdout).toMatch(/○ author +\.author +text +3 of 3: nothing is there/);
    expect(stdout).toContain('3 items, 4 links');
    expect(asked).toEqual(['/robots.txt', '/list']);
  });

  it('says why a page would fail, and ends with 1', async () => {
    const task = file('task.yaml', TASK(`${site}/list`));
    const { exitCode, stdout, stderr } = await tried(task, `${site}/book/1`, '--rule=book');
    expect([exitCode, stderr]).toEqual([1, 'A crawl would fail this page.\n']);
    expect(stdout).toMatch(/✗ title +h1 +text +nothing is there \(required\)/);
    expect(stdout).toContain('The page would fail: the required field "title"');
  });

  it('gives the whole answer as JSON', async () => {
    const { stdout } = await tried(file('task.yaml', TASK(`${site}/list`)), '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      url: `${site}/list`,
      status: 200,
      rule: 'list',
      items: [{ title: 'One', price: 12.5, author: null }, { title: 'Two' }, { title: 'Three' }],
      fields: [{ name: 'title', missCount: 0 }, { name: 'price', missCount: 2 }, { name: 'author' }],
    });
  });

  it('asks robots.txt first, and leaves the page alone where that forbids it', async () => {
    robots = 'User-agent: *\nDisallow: /list\nCrawl-delay: 2';
    const task = file('task.yaml', TASK(`${site}/list`));
    const { exitCode, stdout } = await tried(task);
    expect([exitCode, asked]).toEqual([1, ['/robots.txt']]);
    expect(stdout).toContain('robots.txt forbids this page to Orbweaver');
    const other = await tried(task, `${site}/book/1`, '--rule=list');
    expect(other.stdout).toContain(
      'robots.txt allows this page to Orbweaver/0.1, and wants 2 s between requests',
    );
  });

  it('goes where the page has moved to, and says so', async () => {
    const { stdout } = await tried(file('task.yaml', TASK(`${site}/moved`)));
    expect(stdout).toContain(`redirects (301) to ${site}/list`);
    expect(stdout).toContain('3 items');
  });

  it('tells what cannot be had in one line', async () => {
    const { exitCode, stdout } = await tried(file('task.yaml', TASK(`${site}/nothing`)));
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`✗ ${site}/nothing  the host answers with HTTP 404`);
  });

  it.each([
    [['nowhere.yaml'], 'there is no such file'],
    [['wrong.yaml'], 'is "seeds" meant?'],
    [['task.yaml', '--rule=novel'], 'The task has no rule "novel"; it has list, book.'],
    [['task.yaml', 'http://'], '"http://" is not a URL'],
    [['task.yaml', '--carry=7'], 'Expected a JSON object'],
    [['nowhere/task.yaml', '--watch'], 'Cannot watch'],
  ])('that is wrong (%j) is told, with code 2', async ([name = '', ...argv], message) => {
    file('wrong.yaml', 'seed: http://x.test/');
    file('task.yaml', TASK(`${site}/list`));
    const { exitCode, stderr } = await tried(join(directory, name), ...argv);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(asked).toEqual([]);
  });

  it('is tried again after each change of its file, without asking the host again', async () => {
    const path = file('watched.yaml', TASK(`${site}/list`));
    const change = (by: string) => writeFileSync(path, TASK(`${site}/list`).replace('.author', by));
    let arrive!: () => void;
    isReady = new Promise((resolve) => (arrive = resolve));
    const { done, out } = started(path, '--watch');
    try {
      await until(() => asked.includes('/list'), { what: 'the page is asked for' });
      change('.price');
      arrive();
      await until(() => /author +\.price/.test(out.join('')), { what: 'the change meanwhile is tried' });
      change('.other');
      await until(() => /author +\.other/.test(out.join('')), { what: 'the next change is tried' });
      expect(asked).toEqual(['/robots.txt', '/list']);
    } finally {
      process.emit('SIGINT');
      expect(await done).toBe(0);
    }
  });
});
