import { isOrbweaverError } from '@app/errors';
import type { ParseContext, Parser } from '@app/tasks';
import { failed } from '../failed.js';
import type { Carried, Links } from '../links.js';
import type { Page } from '../page.js';
import type { DeclarativeReader } from './declarative-rule.js';
import type { Item } from './field.js';
import { followedBy } from './followed.js';
import { itemsOf } from './item.js';
import { Queries } from './queries.js';

/**
 * A rule whose items a function of the operator's makes of what its fields find. It runs in this process: what it
 * throws fails its page, what it awaits has a deadline, but one that never returns holds up the process.
 */
export function compileParsedRule(
  name: string,
  read: DeclarativeReader,
  parse: Parser,
  ruleNames: ReadonlySet<string>,
  deadlineMs = DEADLINE_MS,
): (page: Page, links: Links) => Promise<{ items: Item[] }> {
  const queries = new Queries();
  const follow = followedBy(name, ruleNames);
  const where = `the parse function of rule "${name}"`;
  return async (page, links) => {
    const items = read(page, links);
    const { url, depth, carried, contentType } = page.about;
    const place = { page, element: undefined };
    const context: ParseContext = {
      follow: (text, { to, priority = 0, carry = {}, paginate = false } = {}) => {
        follow(links, { url: text, rule: to, priority, carry: asJson(carry), isPagination: paginate });
      },
      match: (pattern) => queries.match(page.text, pattern),
      matchAll: (pattern) => queries.matchAll(page.text, pattern),
      select: (selection) => queries.select(place, selection),
      selectAll: (selection) => queries.selectAll(place, selection),
    };
    const parsed = { url, depth, carried, contentType, text: page.text, items, item: items[0] ?? {} };
    return { items: itemsOf(await within(deadlineMs, where, async () => parse(parsed, context)), where) };
  };
}

const DEADLINE_MS = 30_000;

function asJson(values: object): Carried {
  return JSON.parse(JSON.stringify(values)) as Carried;
}

async function within<Value>(deadlineMs: number, where: string, run: () => Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(failed(`${where} took longer than ${deadlineMs} ms`));
    }, deadlineMs);
  });
  try {
    return await Promise.race([run(), late]);
  } catch (error) {
    if (isOrbweaverError(error, 'EXTRACT_FAILED')) throw error;
    throw failed(`${where} threw ${String(error)}`, error);
  } finally {
    clearTimeout(timer);
  }
}
