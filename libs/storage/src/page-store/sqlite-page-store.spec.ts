import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MemoryPageStore,
  type Claim,
  type Discovery,
  type PageResult,
  type PageStore,
  type TakenPage,
} from '@app/crawl';
import * as fc from 'fast-check';
import Libsql from 'libsql';
import { SqlitePageStore } from './sqlite-page-store.js';

describe('the SQLite page store', () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-store-'));
    path = join(directory, 'store.db');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('says which file is no database', async () => {
    await writeFile(path, 'certainly not a database: '.repeat(100));
    await expect(SqlitePageStore.open(path)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining(path),
    });
  });

  it('says that a directory cannot be made', async () => {
    await writeFile(path, '');
    await expect(SqlitePageStore.open(join(path, 'below', 'store.db'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });

  it('leaves alone the file of a newer version', async () => {
    (await SqlitePageStore.open(path)).close();
    const raw = new Libsql(path);
    raw.exec('INSERT INTO schema_version (version) VALUES (999)');
    raw.close();
    await expect(SqlitePageStore.open(path)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
  });

  it('is opened by several at once, one of which makes it', async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => SqlitePageStore.open(path)));
    for (const store of stores) store.close();
    expect(stores).toHaveLength(8);
  });

  it('waits for another process that is writing, without blocking this one', async () => {
    const store = await SqlitePageStore.open(path);
    const other = new Libsql(path);
    other.exec('BEGIN IMMEDIATE');
    const claimed = store.claim(claimOf('task', 1n, ['/a']));
    await new Promise((resolve) => setImmediate(resolve));
    other.exec('COMMIT');
    other.close();
    await expect(claimed).resolves.toMatchObject({ resource: 'task' });
    store.close();
  });

  it('removes the pages of a crawl that started over, however many there are', async () => {
    const store = await SqlitePageStore.open(path);
    const claim = await store.claim({ ...claimOf('task', 1n, ['/']), maxPages: 10_000 });
    const [seed] = await store.take(claim, HOST, 1);
    const found = Array.from({ length: 4_500 }, (_, index) => page(`/${index}`));
    await store.ack(claim, [{ ...done(seed as TakenPage), discovered: found }]);
    await store.claim({ ...claimOf('task', 2n, ['/']), specHash: 'other' });
    store.close();

    const raw = new Libsql(path);
    expect(
      raw.prepare('SELECT count(*) AS pages, count(DISTINCT crawl) AS crawls FROM page').get(),
    ).toMatchObject({
      pages: 1,
      crawls: 1,
    });
    raw.close();
  });

  it('answers like the model whatever is done to it, by whichever owner', async () => {
    const store = await SqlitePageStore.open(path);
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), async (steps) => {
        const resources = [`one-${++runs}`, `two-${runs}`];
        const model = await play(new MemoryPageStore(), resources, steps);
        expect(await play(store, resources, steps)).toEqual(model);
      }),
      { numRuns: 200 },
    );
    store.close();
  }, 60_000);
});

const HOST = 'site.test';

/** What is done, by the resource's owner number `owner` (of those so far). */
type Step =
  | { do: 'claim'; resource: number; epoch: number; id: number; spec: number; maxPages: number }
  | { do: 'take'; owner: number; limit: number }
  | { do: 'ack'; owner: number; count: number; state: number; links: number[] }
  | { do: 'release' | 'finish'; owner: number };

const nat = (max: number): fc.Arbitrary<number> => fc.nat({ max });
/** Mostly the last one: the others are refused everything. */
const owner = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: nat(3) });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('claim' as const),
      resource: nat(1),
      epoch: nat(3),
      id: nat(1),
      spec: fc.nat({ max: 1 }),
      maxPages: fc.integer({ min: 1, max: 8 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('take' as const), owner, limit: nat(4) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('ack' as const),
      owner,
      count: nat(4),
      state: nat(2),
      links: fc.array(nat(9), { maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('release' as const, 'finish' as const), owner }) },
);

/** Everything that the store answered, and what stands in it at the end. */
async function play(
  store: PageStore,
  resources: readonly string[],
  steps: readonly Step[],
): Promise<unknown[]> {
  const answers: unknown[] = [];
  const owners: { claim: Claim; taken: TakenPage[] }[] = [];
  for (const one of steps) {
    const answer = await perform(store, resources, owners, one).catch(
      (error: { code?: string }) => error.code ?? error,
    );
    answers.push(answer);
  }
  for (const resource of resources) {
    const progress = await store.progress(resource);
    answers.push(progress && { ...progress, sinceAt: 0 }, await store.pages(resource, 0, 100));
  }
  return answers;
}

async function perform(
  store: PageStore,
  resources: readonly string[],
  owners: { claim: Claim; taken: TakenPage[] }[],
  step: Step,
): Promise<unknown> {
  if (step.do === 'claim') {
    const { maxPages } = step;
    const base = claimOf(resources[step.resource] as string, BigInt(step.epoch), ['/0', '/1']);
    const claim = await store.claim({
      ...base,
      resourceId: String(step.id),
      // Another bound is another spec.
      specHash: `${step.spec}-${maxPages}`,
      maxPages,
    });
    owners.push({ claim, taken: [] });
    return { done: claim.done, room: claim.room };
  }
  const owner = owners.at(-1 - step.owner);
  if (owner === undefined) return 'nobody';
  if (step.do === 'take') {
    const pages = await store.take(owner.claim, HOST, step.limit);
    owner.taken.push(...pages);
    return pages;
  }
  if (step.do === 'ack') {
    // Not removed from what was taken: now and then a page is acked twice.
    const state = (['done', 'failed', 'redirected'] as const)[step.state] as PageResult['state'];
    const discovered = step.links.map((link) => page(`/${link}`));
    const results = owner.taken
      .slice(-step.count || 0)
      .map((taken) => ({ ...done(taken), state, discovered }));
    return store.ack(owner.claim, results);
  }
  return step.do === 'finish' ? store.finish(owner.claim) : store.release(owner.claim);
}

function claimOf(resource: string, epoch: bigint, paths: string[]) {
  return { resource, resourceId: '1', epoch, specHash: 'hash', seeds: paths.map(page), maxPages: 100 };
}

function page(path: string): Discovery {
  return { url: `http://${HOST}${path}`, host: HOST, depth: 0, redirects: 0 };
}

function done({ seq }: TakenPage): PageResult {
  return { seq, state: 'done', status: 200, title: 't', bytes: 1, error: '', fetchedAt: 5, discovered: [] };
}
