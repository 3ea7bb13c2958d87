import {
  MemoryCrawlStore,
  type Claim,
  type CrawlStore,
  type LogLimits,
  type LogLine,
  type PageResult,
  type TakenPage,
} from '@app/crawl';
import * as fc from 'fast-check';
import { logLine, page, request, result } from './example-crawl.contract.js';

export interface StoreWithClock {
  store: CrawlStore;
  /** Sets the clock that the store counts by, which stands still otherwise; in milliseconds since 1970. */
  setClock: (at: number) => void | Promise<void>;
}

/** Plays the same on the model and on the store, again and again, and compares every answer. */
export function modelContract(
  name: string,
  make: (logLimits: LogLimits) => Promise<StoreWithClock & { close(): Promise<void> }>,
  numRuns: number,
): void {
  it(`${name} answers like the model whatever is done to it, by whichever owner, at whatever time`, async () => {
    const subject = await make(LIMITS);
    let clock = BEGINNING;
    const model: StoreWithClock = {
      store: new MemoryCrawlStore(() => clock, LIMITS),
      setClock: (at) => {
        clock = at;
      },
    };
    let runs = 0;
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), async (steps) => {
          const names = [`one-${++runs}`, `two-${runs}`];
          expect(await play(subject, names, steps)).toEqual(await play(model, names, steps));
        }),
        { numRuns },
      );
    } finally {
      await subject.close();
    }
  }, 120_000);
}

const BEGINNING = 1_000_000;
/** Lines do not get too old here: they go by the way, whoever looks after the store. */
const LIMITS: LogLimits = { lines: 8, bytes: 40, ageMs: 1e12 };
const HOSTS = ['one.test', 'two.test', 'three.test'];
const STATES = ['done', 'unchanged', 'redirected', 'failed', 'retry'] as const;

const small = (max: number): fc.Arbitrary<number> => fc.nat({ max });
/** Mostly the last one: the others are refused everything. */
const owner = fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: small(3) });
const link = fc.record({
  path: small(9),
  host: small(2),
  depth: small(2),
  priority: fc.integer({ min: -1, max: 1 }),
});
/** By a small number, which now and then is written again. */
const lines = fc.array(fc.record({ id: small(30), length: small(12) }), { maxLength: 4 });
const change = {
  epoch: small(3),
  id: small(1),
  spec: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: small(1) }),
  generation: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: small(1) }),
  run: fc.integer({ min: 1, max: 3 }),
  retry: small(2),
  reload: fc.constantFrom<string[]>([], ['list'], ['*']),
  maxPages: fc.integer({ min: 1, max: 12 }),
};
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('claim' as const), resource: small(1), ...change }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('take' as const), owner, host: small(2), limit: small(4) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('hosts' as const), owner, except: small(2) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('ack' as const),
      owner,
      count: small(4),
      state: fc.constantFrom(...STATES),
      links: fc.array(link, { maxLength: 5 }),
      items: small(2),
      retryInMs: small(200),
      memory: fc.option(fc.string(), { nil: undefined }),
      lines,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('failHost' as const), owner, host: small(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('release' as const, 'finish' as const), owner, lines }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('log' as const), resource: small(1), lines }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: small(150) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: small(25_000) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Owner {
  claim: Claim;
  taken: TakenPage[];
}

/** Everything that the store answered, and what stands in it at the end. */
async function play(
  { store, setClock }: StoreWithClock,
  names: readonly string[],
  steps: readonly Step[],
): Promise<unknown[]> {
  let now = BEGINNING;
  await setClock(now);
  const answers: unknown[] = [];
  const owners: Owner[] = [];
  for (const one of steps) {
    if (one.do === 'wait') await setClock((now += one.ms));
    else answers.push(await perform(store, names, owners, one).catch(codeOf));
  }
  for (const name of names) {
    const query = { after: 0, limit: 100 };
    const items = await store.results.items(name, 0, 1_000);
    answers.push(
      await store.results.progress(name),
      await store.results.pages(name, query),
      await store.results.pages(name, { ...query, failed: true }),
      // The numbers are the store's own; what counts is their order.
      items.map((item) => ({ ...item, number: 0 })),
      await store.results.history(name),
      await store.logs.last(name),
      await store.logs.read(name, 0, 1_000),
    );
    expect(items.map(({ number }) => number)).toEqual(
      items.map(({ number }) => number).sort((a, b) => a - b),
    );
  }
  return JSON.parse(JSON.stringify(answers, withoutNames(names))) as unknown[];
}

async function perform(
  store: CrawlStore,
  names: readonly string[],
  owners: Owner[],
  step: Exclude<Step, { do: 'wait' }>,
): Promise<unknown> {
  const { frontier } = store;
  if (step.do === 'claim') {
    const claim = await frontier.claim(requestOf(names[step.resource] as string, step));
    owners.push({ claim, taken: [] });
    return { ...claim, crawlId: 0, number: 0 };
  }
  if (step.do === 'log') return store.logs.append(names[step.resource] as string, linesOf(step));
  const owner = owners.at(-1 - step.owner);
  if (owner === undefined) return 'nobody';
  const { claim, taken } = owner;
  if (step.do === 'take') {
    const held = taken.map(({ seq }) => seq);
    const pages = await frontier.take(claim, HOSTS[step.host] as string, step.limit, held);
    taken.push(...pages);
    return pages;
  }
  if (step.do === 'ack') {
    const results = taken.slice(0, step.count).map((each) => resultOf(each, step));
    // Not always removed from what was taken: now and then a page is acknowledged twice.
    if (step.items > 0) taken.splice(0, step.count);
    const memory = step.memory === undefined ? {} : { memory: step.memory };
    return frontier.ack(claim, { results, lines: linesOf(step), ...memory });
  }
  if (step.do === 'hosts') return frontier.hosts(claim, HOSTS.slice(0, step.except), 2);
  if (step.do === 'failHost') return frontier.failHost(claim, HOSTS[step.host] as string, 'gone');
  if (step.do === 'release') return frontier.release(claim);
  return frontier.finish(claim, { state: 'done', reason: 'enough', messages: [], lines: linesOf(step) });
}

function requestOf(resource: string, step: Extract<Step, { do: 'claim' }>) {
  const { epoch, id, spec, generation, run, retry, reload, maxPages } = step;
  return request({
    resource,
    epoch: BigInt(epoch),
    resourceId: String(id),
    specHash: `spec-${spec}`,
    generation,
    run,
    retry,
    reloadRules: reload,
    maxPages,
    seeds: [0, 1].map((path) => page(String(path), { host: HOSTS[path] as string, rule: 'seed' })),
  });
}

function resultOf(taken: TakenPage, step: Extract<Step, { do: 'ack' }>): PageResult {
  return result(taken, {
    state: step.state,
    retryInMs: step.retryInMs,
    title: `title ${taken.seq}`,
    bytes: taken.attempt,
    error: step.state === 'failed' ? `HTTP 500 of ${taken.seq}` : '',
    status: step.state === 'failed' ? 500 : 200 + step.items,
    traceId: step.items > 1 ? 'aa11' : '',
    etag: `"${step.items}"`,
    discovered: step.links.map(({ path, host, depth, priority }) =>
      page(String(path), {
        host: HOSTS[host] as string,
        rule: path % 2 === 0 ? 'list' : 'page',
        depth,
        priority,
      }),
    ),
    items: Array.from({ length: step.items }, (_, index) => `{"n":${index}}`),
  });
}

function linesOf({ lines }: { lines: readonly { id: number; length: number }[] }): LogLine[] {
  return lines.map(({ id, length }) => logLine(`${id}`, { at: BEGINNING, message: 'ä'.repeat(length) }));
}

function codeOf(error: unknown): unknown {
  return (error as { code?: string }).code ?? error;
}

/** In each play the resources are called something else. */
function withoutNames(names: readonly string[]) {
  return (key: string, value: unknown): unknown => {
    if (key === 'resource') return names.indexOf(String(value));
    return typeof value === 'bigint' ? String(value) : value;
  };
}
