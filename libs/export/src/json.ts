import type { StoredItem } from '@app/crawl';
import { isReserved, MORE, provenanceOf } from './provenance.js';
import { jsonOf, rowOf } from './rows.js';

/** One JSON object a line. */
export async function* jsonLines(items: AsyncIterable<readonly StoredItem[]>): AsyncGenerator<string> {
  for await (const page of items) for (const item of page) yield `${jsonItem(item)}\n`;
}

/** One array. */
export async function* jsonArray(items: AsyncIterable<readonly StoredItem[]>): AsyncGenerator<string> {
  let before = '[\n';
  for await (const page of items) {
    for (const item of page) {
      yield `${before}${jsonItem(item)}`;
      before = ',\n';
    }
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

function jsonItem(item: StoredItem): string {
  const members = ownMembers(item);
  return `{${members === '' ? '' : `${members},`}${provenanceMembers(item)}}`;
}

/** As they stand in the store: nothing is taken apart that need not be. */
function ownMembers(item: StoredItem): string {
  if (!item.data.includes('"_')) return item.data.slice(1, -1).trim();
  const { fields } = rowOf(item);
  const more = new Map([...fields].filter(([name]) => isReserved(name)));
  for (const name of more.keys()) fields.delete(name);
  if (more.size > 0) fields.set(MORE, Object.fromEntries(more));
  return jsonOf(fields).slice(1, -1);
}

function provenanceMembers(item: StoredItem): string {
  const members = Object.entries(provenanceOf(item)).map(
    ([name, value]) => `"${name}":${typeof value === 'bigint' ? value.toString() : JSON.stringify(value)}`,
  );
  return members.join(',');
}
