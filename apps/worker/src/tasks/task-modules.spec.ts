import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TaskDirectory } from './task-catalog.js';

const BOOKS = `
import { defineTask } from 'orbweaver';
import { seeds } from './shared/seeds.js';

interface Price { amount: number }

export default defineTask({
  seeds,
  rules: {
    page: {
      fields: { title: 'h1' },
      parse(page) {
        const price: Price = { amount: page.text.length };
        return { title: page.item?.title ?? null, ...price };
      },
    },
  },
});
`;

describe('a task that is a module', () => {
  let directory: string;
  let tasks: TaskDirectory;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-modules-'));
    await mkdir(join(directory, 'shared'));
    await write('shared/seeds.ts', `export const seeds: string[] = ['http://books.test/'];`);
    tasks = new TaskDirectory(directory);
  });
  afterEach(() => rm(directory, { recursive: true }));

  function write(name: string, text: string): Promise<void> {
    return writeFile(join(directory, name), text);
  }

  it('is found by its name, with what it crawls and how it reads pages', async () => {
    await write('books.ts', BOOKS);
    const found = await tasks.find('books');
    expect(found).toMatchObject({
      kind: 'found',
      value: { seeds: ['http://books.test/'] },
      code: { parsers: { page: expect.any(Function) }, fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/) },
    });
  });

  it('is run once as long as nothing changes, and again when a file that it imports does', async () => {
    await write('books.ts', BOOKS);
    const first = await tasks.find('books');
    expect(await tasks.find('books')).toBe(first);
    await write('shared/seeds.ts', `export const seeds: string[] = ['http://other.test/'];`);
    const second = await tasks.find('books');
    expect(second).toMatchObject({ value: { seeds: ['http://other.test/'] } });
    if (first?.kind !== 'found' || second?.kind !== 'found') throw new Error('not found');
    expect(second.code?.fingerprint).not.toBe(first.code?.fingerprint);
  });

  it.each([
    ['syntax.ts', 'const a = 1;\nconst b: = 2;\n', /syntax\.ts:2:\d+: .*Unexpected token/],
    ['throws.mjs', '\n\nthrow new Error("no luck");\n', /throws\.mjs:3:\d+: no luck/],
    ['other.mts', 'export default { seeds: [] };', /other\.mts: expected `export default defineTask/],
  ])('that is wrong (%s) says what and where', async (file, text, reason) => {
    await write(file, text);
    const name = file.replace(/\.\w+$/, '');
    expect(await tasks.find(name)).toEqual({ kind: 'wrong', reason: expect.stringMatching(reason) });
  });

  it('may stand beside files that are none', async () => {
    for (const file of ['_lib.ts', 'types.d.ts', 'books.ts', 'a.yaml']) await write(file, '');
    expect(await tasks.names()).toEqual(['a', 'books']);
  });
});
