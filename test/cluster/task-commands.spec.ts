import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { PAGES, World } from './shared-world.js';

const LONG_MS = 180_000;

describe('a task, by the command line', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.make(async (directory) => `sqlite:${join(directory, 'shared.db')}`, '1');
  }, LONG_MS);
  afterAll(() => world.remove(), LONG_MS);
  beforeEach(() => {
    world.site.status = () => 200;
    world.site.answerInMs = 0;
    world.site.forget();
  });

  it(
    'stops when it is paused, and goes on where it stood when it is resumed',
    async () => {
      world.site.answerInMs = 500;
      await world.add('pausing', { delay: '20ms' });
      await world.fetched(3);
      await world.orbweaver('pause', 'pausing');
      const { pagesDone } = await world.inState('pausing', 'paused');
      world.site.answerInMs = 0;
      const count = world.site.requests.length;
      expect(await world.orbweaver('get', 'pausing')).toMatch(/State +paused/);
      // Whatever still ran would have shown.
      await world.add('meanwhile', { delay: '50ms', maxPages: 5 });
      await world.inState('meanwhile', 'done');
      expect(world.site.requests.length).toBeLessThanOrEqual(count + 6);
      expect((await world.task('pausing')).pagesDone).toBe(pagesDone);
      await world.orbweaver('resume', 'pausing');
      expect(await world.inState('pausing', 'done')).toMatchObject({ pagesDone: String(PAGES) });
    },
    LONG_MS,
  );

  it(
    'tells which pages failed and why, tries them again, and begins a new run',
    async () => {
      world.site.status = (path) => (path === '/7' ? 500 : 200);
      await world.add('failing', { delay: 0, retries: { max: 1, delay: '10ms' } });
      await world.inState('failing', 'done');
      const failures = await world.orbweaver('failures', 'failing');
      expect(failures).toMatch(/\/7 +page +500 +2 +\S+ +.*500/);
      world.site.status = () => 200;
      await world.orbweaver('retry', 'failing');
      const whole = { state: 'done', pagesDone: String(PAGES), pagesFailed: '0', items: String(PAGES) };
      await world.becomes('failing', whole);
      const before = world.site.requests.length;
      await world.orbweaver('restart', 'failing');
      await world.becomes('failing', { state: 'done', run: 2 });
      expect(world.site.requests.length).toBeGreaterThan(before);
      await world.orbweaver('restart', 'failing', '--from-scratch');
      await world.becomes('failing', { ...whole, run: 1 });
      expect(world.site.requests.length).toBeGreaterThan(before + PAGES);
    },
    LONG_MS,
  );

  it(
    'gives its items as a table, and as files of every kind',
    async () => {
      await world.add('giving', { delay: 0 });
      await world.inState('giving', 'done');
      expect(await world.orbweaver('results', 'giving', '--limit=3')).toMatch(/^TITLE +URL\nPage 0 +http/);
      const file = async (kind: string) => {
        const path = join(world.directory, `items.${kind}`);
        await world.orbweaver('results', 'giving', `--output=${path}`);
        return readFile(path);
      };
      expect(JSON.parse((await file('json')).toString())).toHaveLength(PAGES);
      expect((await file('csv')).toString().split('\r\n')).toHaveLength(PAGES + 2);
      const parquet = await file('parquet');
      const rows = await parquetReadObjects({
        file: parquet.buffer.slice(parquet.byteOffset, parquet.byteOffset + parquet.length),
      });
      expect(rows).toHaveLength(PAGES);
      expect(rows[0]).toMatchObject({ title: 'Page 0', _url: world.site.url, _rule: 'page', _run: 1n });
    },
    LONG_MS,
  );
});
