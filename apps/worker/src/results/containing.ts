import type { StoredItem } from '@app/crawl';
import type { JsonValue } from '@app/tasks';

type Searched = Pick<StoredItem, 'url' | 'rule' | 'data'>;

/**
 * Whether an item has the text in its URL, its rule or a value of its data, whatever the case of either. Names of
 * fields are no values: every item of a rule has them. Numbers are as JSON writes them.
 */
export function containing(text: string): (item: Searched) => boolean {
  const wanted = folded(text);
  const written = folded(JSON.stringify(text).slice(1, -1));
  const has = (value: string) => folded(value).includes(wanted);
  return ({ url, rule, data }) => {
    if (has(url) || has(rule)) return true;
    // Only the few that have it somewhere are taken apart.
    if (!folded(data).includes(written)) return false;
    for (const value of leaves(JSON.parse(data) as JsonValue)) if (has(value)) return true;
    return false;
  };
}

/** Upper case: the lower one of a Σ depends on what follows. */
function folded(text: string): string {
  return text.toUpperCase();
}

/** Without recursion: what a stranger sent may be deep. */
function* leaves(value: JsonValue): Generator<string> {
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object') yield String(next);
    else for (const part of Object.values(next ?? {})) open.push(part);
  }
}
