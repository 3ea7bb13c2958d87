import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeWithPostgres, startPostgres, type PostgresServer } from '../support/postgres.js';
import { PAGES, World } from './shared-world.js';

const LONG_MS = 180_000;

function sharing(storeIn: (directory: string) => Promise<string>): void {
  let world: World;
  beforeAll(async () => {
    world = await World.make(storeIn, '1', '2', '3');
  }, LONG_MS);
  afterAll(() => world.remove(), LONG_MS);

  it(
    'go on where a worker stood that was killed: no page is lost, no item doubled, none fetched again that was stored',
    async () => {
      world.site.answerInMs = 150;
      await world.add('books', { delay: '20ms' });
      const stored = await world.stored('books', 10);
      await world.killOwner('books');
      world.site.answerInMs = 0;
      const task = await world.inState('books', 'done');
      expect(task).toMatchObject({ pagesDone: String(PAGES), items: String(PAGES), pagesFailed: '0' });
      expect(world.site.repeatedOf(stored)).toEqual([]);
      const file = join(world.directory, 'books.jsonl');
      await world.orbweaver('results', 'books', `--output=${file}`);
      const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
      const titles = lines.map((line) => (JSON.parse(line) as { title: string }).title);
      const expected = Array.from({ length: PAGES }, (_, page) => `Page ${page}`);
      expect([...titles].sort()).toEqual([...expected].sort());
    },
    LONG_MS,
  );

  it(
    'never ask a host sooner than the delay says, with five tasks on three of them, one of which is killed',
    async () => {
      await world.start('4');
      world.site.forget();
      const names = ['a', 'b', 'c', 'd', 'e'];
      for (const name of names) await world.add(name, { delay: '60ms', maxPages: 12 });
      await world.fetched(20);
      await world.killOwner('a');
      for (const name of names) await world.inState(name, 'done');
      expect(world.site.requests.length).toBeGreaterThanOrEqual(5 * 12);
      expect(world.site.shortestGapMs).toBeGreaterThanOrEqual(60);
    },
    LONG_MS,
  );
}

describe('workers of one machine that share a SQLite file', () => {
  sharing(async (directory) => `sqlite:${join(directory, 'shared.db')}`);
});

describeWithPostgres('workers without a disk in common that share PostgreSQL', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, LONG_MS);
  afterAll(() => postgres.stop());
  sharing(() => postgres.createDatabase());
});
