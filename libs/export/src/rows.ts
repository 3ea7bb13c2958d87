import type { StoredItem } from '@app/crawl';
import type { JsonValue } from '@app/tasks';

/** An item taken apart. A map: its keys are the web's, and `__proto__` is one of them. */
export interface ItemRow {
  item: StoredItem;
  fields: Map<string, JsonValue>;
}

export function rowOf(item: StoredItem): ItemRow {
  return { item, fields: new Map(Object.entries(JSON.parse(item.data) as Record<string, JsonValue>)) };
}

export function jsonOf(fields: ReadonlyMap<string, JsonValue>): string {
  const members = Array.from(fields, ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{${members.join(',')}}`;
}

export interface RowLimits {
  rows: number;
  /** Of the items' JSON. */
  bytes: number;
}

export interface RowGroup {
  rows: ItemRow[];
  isLast: boolean;
}

/** Rows in groups, each as large as the limits let it be, and only the last one perhaps smaller or empty. */
export async function* groupsOf(
  items: AsyncIterable<readonly StoredItem[]>,
  limits: RowLimits,
): AsyncGenerator<RowGroup> {
  let rows: ItemRow[] = [];
  let bytes = 0;
  for await (const page of items) {
    for (const item of page) {
      if (rows.length >= limits.rows || bytes >= limits.bytes) {
        yield { rows, isLast: false };
        rows = [];
        bytes = 0;
      }
      rows.push(rowOf(item));
      bytes += item.data.length;
    }
  }
  yield { rows, isLast: true };
}
