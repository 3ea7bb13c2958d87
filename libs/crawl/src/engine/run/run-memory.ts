import { CookieJar, type SerializedCookie } from 'tough-cookie';
import type { TaskSpec } from '@app/tasks';

/** What a run has to know of itself wherever it goes on: kept in its claim. */
export class RunMemory {
  /** Some page went well. */
  hasGood = false;
  /** How long it was crawled before, by whoever. */
  spentMs = 0;
  /** Items of the crawl when the run began. */
  itemsBefore = 0;
  readonly cookies: CookieJar;
  /** Nobody has crawled it before. */
  readonly isNew: boolean;
  /** The node that was at this very run before; undefined when none was. */
  leftBy: string | undefined = undefined;
  readonly #run: string;

  /** `text`: as it was written last, of this run or of one before, of which the cookies are kept. */
  constructor(text: string, run: { run: number; retry: number; itemCount: number }, spec: TaskSpec) {
    const saved = text === '' ? undefined : (JSON.parse(text) as Saved);
    this.#run = `${run.run}.${run.retry}`;
    this.isNew = saved === undefined;
    this.itemsBefore = run.itemCount;
    if (saved?.run === this.#run) {
      this.leftBy = saved.node ?? 'another worker';
      this.hasGood = saved.hasGood;
      this.spentMs = saved.spentMs;
      this.itemsBefore = saved.itemsBefore;
    }
    this.cookies = saved === undefined ? ownCookies(spec) : restored(saved.cookies);
  }

  encode(spentMs: number, node: string): string {
    const { hasGood, itemsBefore } = this;
    const cookies = recent(this.cookies.serializeSync()?.cookies ?? []);
    return JSON.stringify({ run: this.#run, node, hasGood, spentMs, itemsBefore, cookies } satisfies Saved);
  }
}

interface Saved {
  run: string;
  /** Who wrote it. */
  node?: string;
  hasGood: boolean;
  spentMs: number;
  itemsBefore: number;
  cookies: SerializedCookie[];
}

/** Those of the spec, for the hosts of the seeds. */
function ownCookies({ cookie, seeds }: TaskSpec): CookieJar {
  const jar = new CookieJar();
  if (cookie === '') return jar;
  const hosts = new Map(seeds.map(({ url }) => [new URL(url).host, url]));
  for (const url of hosts.values()) {
    for (const pair of cookie.split(';')) {
      jar.setCookieSync(`${pair.trim()}; Path=/`, url, { ignoreError: true, loose: true });
    }
  }
  return jar;
}

function restored(cookies: SerializedCookie[]): CookieJar {
  const version = `tough-cookie@6`;
  return CookieJar.deserializeSync({
    version,
    storeType: 'MemoryCookieStore',
    rejectPublicSuffixes: true,
    cookies,
  });
}

/** As many as there is room for, those that were used last. */
function recent(cookies: SerializedCookie[]): SerializedCookie[] {
  const byUse = [...cookies].sort((a, b) => usedAt(b) - usedAt(a));
  let size = 0;
  return byUse.filter((cookie) => (size += JSON.stringify(cookie).length + 1) < MAX_COOKIES_SIZE);
}

function usedAt({ lastAccessed }: SerializedCookie): number {
  return Date.parse(String(lastAccessed)) || 0;
}

/** In characters; a claim's memory has 256 KiB. */
const MAX_COOKIES_SIZE = 60_000;
