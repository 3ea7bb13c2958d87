import type { Client, ListOptions } from './client.js';

/** That masters give at once. */
export const LARGEST_PAGE = 1000;

/** Reads as many entries as are wanted, page by page; says where to go on when there are more. */
export async function readPages<T>(
  { limit, all = false, pageToken }: ListOptions,
  read: (query: {
    page_size: number;
    page_token?: string | undefined;
  }) => Promise<{ entries: T[]; next: string }>,
): Promise<{ entries: T[]; next: string }> {
  const wanted = all ? Infinity : limit;
  const entries: T[] = [];
  let next = pageToken;
  do {
    const page = await read({ page_size: Math.min(LARGEST_PAGE, wanted - entries.length), page_token: next });
    entries.push(...page.entries);
    next = page.next;
  } while (next !== '' && entries.length < wanted);
  return { entries, next };
}

/** Told on stderr, so that a list that is cut off is never mistaken for the whole. */
export function remarkMore({ output }: Client, shown: number, next: string, total?: number): void {
  if (next === '') return;
  const count = total === undefined ? `The first ${shown} are shown` : `${shown} of ${total} are shown`;
  output.remark(`${count}. Go on with --page-token=${next}, or see them all with --all.`);
}
