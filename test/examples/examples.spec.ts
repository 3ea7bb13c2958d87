import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TaskModules } from '@app/task-modules';
import { parseTaskSpec, type Parser, type TaskSpec } from '@app/tasks';
import { parse } from 'yaml';
import { crawl } from './crawl.js';
import { authors, books, shelves, startSite, topics } from './sample-site.js';

const EXAMPLES = resolve('examples');
const SITE = 'http://127.0.0.1:8090/';

interface Example {
  spec: TaskSpec;
  parsers: Readonly<Record<string, Parser>>;
}

async function load(file: string, site = SITE): Promise<Example> {
  const path = join(EXAMPLES, file);
  if (file.endsWith('.yaml')) {
    const text = await readFile(path, 'utf8');
    return { spec: parseTaskSpec(parse(text.replaceAll(SITE, site))), parsers: {} };
  }
  const found = await new TaskModules().load(path);
  if (found.kind === 'wrong') throw new Error(found.reason);
  const written = JSON.parse(JSON.stringify(found.value).replaceAll(SITE, site)) as unknown;
  return { spec: parseTaskSpec(written), parsers: found.code?.parsers ?? {} };
}

it('every example is a task', async () => {
  const files = (await readdir(EXAMPLES)).filter((file) => /\.(?:yaml|ts)$/.test(file));
  expect(files.length).toBeGreaterThanOrEqual(7);
  for (const file of files) expect((await load(file)).spec.name).toMatch(/^[a-z-]+$/);
});

describe('on the sample site', () => {
  const everyBook = books.map(({ title, author, shelf, publisher, pages, price, score, about }) => ({
    title,
    tag: shelves[shelf],
    author: authors[author]?.[0],
    publisher,
    pages,
    price,
    score,
    summary: about,
  }));

  let site: Awaited<ReturnType<typeof startSite>>;
  beforeAll(async () => {
    site = await startSite(0);
  });
  afterAll(() => site.close());

  it.each(['books.yaml', 'books.ts'])(
    '%s finds every book, with the tag it was found under',
    async (file) => {
      const { spec, parsers } = await load(file, site.url);
      const items = await crawl(spec, parsers);
      expect(sortedBy('title', items)).toEqual(sortedBy('title', everyBook));
    },
  );

  it.each(['group-search.yaml', 'group-search-script.yaml'])(
    '%s finds the topics with a balcony',
    async (file) => {
      const { spec, parsers } = await load(file, site.url);
      const items = await crawl(spec, parsers);
      expect(sortedBy('url', items)).toEqual(topicsWithBalcony(site.url));
    },
  );

  it('sample.yaml gives the title of every page of the shop', async () => {
    const { spec, parsers } = await load('sample.yaml', site.url);
    expect(await crawl(spec, parsers)).toHaveLength(site.pageCount);
  });
});

function topicsWithBalcony(site: string): object[] {
  return topics
    .filter(({ text }) => text.includes('balcony'))
    .map(({ id, title }) => ({ title, url: `${site}group/topic/${id}/` }));
}

function sortedBy<Item extends object>(key: keyof Item, items: readonly Item[]): Item[] {
  return [...items].sort((a, b) => (String(a[key]) < String(b[key]) ? -1 : 1));
}
