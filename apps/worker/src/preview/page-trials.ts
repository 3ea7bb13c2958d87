import { isOrbweaverError, OrbweaverError } from '@app/errors';
import { type FetchedPage, fetchPage, type Look, lookAtPage, pageOf, type PageSource } from '@app/preview';
import type { worker as proto } from '@app/proto';
import { type JsonValue, parseTaskSpec, type TaskSpec } from '@app/tasks';

/**
 * Pages that people try a spec on. They are fetched as a task would, through the gates of their hosts, and only
 * what was found is told: nothing is stored.
 */
export class PageTrials {
  #count = 0;

  constructor(
    private readonly source: PageSource,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {}

  /** Rejects with INVALID_ARGUMENT and every fault of a wrong spec; RESOURCE_EXHAUSTED; DEADLINE_EXCEEDED. */
  async try(request: proto.TryPageRequest, signal: AbortSignal): Promise<proto.TriedPage> {
    const spec = specOf(request.spec);
    const target = pageOf(spec, request.url || undefined, request.rule || undefined);
    const carried = carriedOf(request.carry);
    if (this.#count >= MAX_AT_ONCE) {
      throw new OrbweaverError(
        'RESOURCE_EXHAUSTED',
        `${MAX_AT_ONCE} pages are being tried already: try again`,
      );
    }
    this.#count++;
    const late = AbortSignal.timeout(this.timeoutMs);
    try {
      const page = await fetchPage(spec, target.url, this.source, AbortSignal.any([signal, late]));
      const { content } = page;
      const look = content && (await lookAtPage(spec, { ...content, rule: target.rule, depth: 0, carried }));
      return message(page, target.rule, look);
    } catch (error) {
      if (late.aborted && !signal.aborted) throw this.#late(target.url, error);
      if (signal.aborted) {
        throw new OrbweaverError('CANCELLED', 'nobody waits for the page any more', { cause: error });
      }
      throw error;
    } finally {
      this.#count--;
    }
  }

  #late(url: string, cause: unknown): OrbweaverError {
    const reason = `it was not there within ${this.timeoutMs / 1_000} s; its host may be slow, or its turn not have come`;
    return new OrbweaverError('DEADLINE_EXCEEDED', `${url}: ${reason}`, { cause });
  }
}

/** Less than masters wait. */
const TIMEOUT_MS = 45_000;
const MAX_AT_ONCE = 8;

function specOf(text: string): TaskSpec {
  try {
    return parseTaskSpec(JSON.parse(text) as unknown);
  } catch (error) {
    if (isOrbweaverError(error)) throw error;
    throw new OrbweaverError('INVALID_ARGUMENT', `the spec is not valid JSON: ${String(error)}`, {
      cause: error,
    });
  }
}

function carriedOf(text: string): Record<string, JsonValue> {
  if (text === '') return {};
  try {
    const carried = JSON.parse(text) as JsonValue;
    if (typeof carried === 'object' && carried !== null && !Array.isArray(carried)) return carried;
  } catch (error) {
    throw new OrbweaverError('INVALID_ARGUMENT', `carry is not valid JSON: ${String(error)}`, {
      cause: error,
    });
  }
  throw new OrbweaverError('INVALID_ARGUMENT', `carry is a JSON object, as {"tag":"Novels"}, not ${text}`);
}

function message(page: FetchedPage, rule: string, look: Look | undefined): proto.TriedPage {
  const { asked, url, status, tookMs, robots, remarks, content, reason } = page;
  const { title = '', fields = [], follows = [], items = [], links = [], log = [], error = '' } = look ?? {};
  const wants =
    robots.crawlDelayMs === 0 ? '' : `, and wants ${robots.crawlDelayMs / 1_000} s between requests`;
  return {
    asked,
    url,
    status,
    tookMs: BigInt(tookMs),
    bytes: BigInt(content?.body.length ?? 0),
    rule,
    title,
    allowed: robots.isAllowed,
    robots: robots.says + wants,
    remarks,
    error: look === undefined ? reason : error,
    fields: fields.map(({ name, place, type, required, values, missCount, miss }) => {
      return { name, place, type, required, values: values.map(shortened), missCount, miss };
    }),
    follows: follows.map(({ to, place, links: found, leftOutCount }) => {
      const urls = found.slice(0, SHOWN_LINKS).map((link) => link.url);
      return { to, place, count: found.length, leftOutCount, urls };
    }),
    items: withinBytes(items.slice(0, SHOWN_ITEMS).map((item) => JSON.stringify(item))),
    itemCount: items.length,
    linkCount: links.length,
    log: log.slice(0, SHOWN_LINES).map((line) => line.slice(0, MAX_VALUE_LENGTH)),
  };
}

const SHOWN_LINKS = 10;
const SHOWN_ITEMS = 20;
const SHOWN_LINES = 100;
const MAX_ITEMS_LENGTH = 1 << 20;
const MAX_VALUE_LENGTH = 4_000;

/** JSON still. */
function shortened(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length <= MAX_VALUE_LENGTH ? text : JSON.stringify(`${text.slice(0, MAX_VALUE_LENGTH)}…`);
}

/** As many of the first as an answer may hold. */
function withinBytes(items: readonly string[]): string[] {
  let length = 0;
  const end = items.findIndex((item) => (length += item.length) > MAX_ITEMS_LENGTH);
  return end === -1 ? [...items] : items.slice(0, end);
}
