import { setTimeout as delay } from 'node:timers/promises';
import type { Item } from '../api/master-api.js';
import type { Client, ListOptions } from './client.js';
import { EXIT, Failure } from '../failure.js';
import { interruptible } from '../interruptible.js';
import { itemsView } from '../output/items.js';
import { RowCounter } from '../output/row-counter.js';
import { saveFile } from '../output/save-file.js';
import { Terminal } from '../output/terminal.js';
import { bytes } from '../output/times.js';
import { writeAll } from '../streams.js';
import { readPages, remarkMore } from './paging.js';

export const RESULT_FORMATS = ['table', 'json', 'jsonl', 'csv', 'parquet'] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];
type FileFormat = Exclude<ResultFormat, 'table'>;

export interface ResultOptions extends ListOptions {
  format?: ResultFormat;
  /** Only items with this text. */
  contains?: string;
  /** A file to write to. */
  output?: string;
}

/** The items that a task has found: some of them as a table, or all of them as a file. */
export async function results(client: Client, name: string, options: ResultOptions): Promise<void> {
  const { output: file } = options;
  const format = options.format ?? (file === undefined ? 'table' : formatOf(file));
  if (format === 'table') {
    if (file === undefined) return showTable(client, name, options);
    throw new Failure(EXIT.usage, 'A table is for the terminal. Name another --format for the file.');
  }
  const query = { format, contains: options.contains };
  if (file !== undefined) return interruptible((signal) => save(client, name, query, file, signal));
  const { stdout } = client.streams;
  if (format === 'parquet' && stdout.isTTY === true) {
    throw new Failure(EXIT.usage, 'Parquet is no text. Name a file with --output=FILE.');
  }
  await writeAll(stdout, await client.api.export(name, query));
}

const MOST_ATTEMPTS = 3;
const AGAIN_MS = 1_000;

/** What was cut off is not kept, so it may be begun again, with another master. */
async function save(
  { api, streams: { stderr }, output }: Client,
  name: string,
  query: { format: FileFormat; contains: string | undefined },
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const terminal = new Terminal(stderr);
  const { format, contains } = query;
  const isCounted = stderr.isTTY === true && contains === undefined;
  const total = isCounted ? Number((await api.get(name)).task?.items ?? 0) : 0;
  for (let attempt = 1; ; attempt++) {
    const items = await api.export(name, query, signal);
    const rows = format === 'parquet' ? undefined : new RowCounter(format);
    let count = 0;
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const part of items) {
        if (stderr.isTTY === true) count = rows?.add(part) ?? 0;
        yield part;
      }
    };
    try {
      const size = await saveFile(file, counted(), (written) => {
        const counts = rows === undefined ? '' : `${count}${total > 0 ? ` of ${total}` : ''} items  `;
        terminal.progressBar(
          `Writing ${file}`,
          count,
          rows === undefined ? 0 : total,
          counts + bytes(written),
        );
      });
      return terminal.settle(`Wrote ${file}, ${bytes(size)}.`);
    } catch (error) {
      terminal.clear();
      signal.throwIfAborted();
      const isGone = error instanceof Failure && error.exitCode === EXIT.unavailable;
      if (!isGone || attempt === MOST_ATTEMPTS) throw error;
      output.remark(`${error.message.replace(' Try again.', '')} It is begun again.`);
    }
    await delay(AGAIN_MS, undefined, { signal });
  }
}

async function showTable(client: Client, name: string, options: ResultOptions): Promise<void> {
  const { contains } = options;
  const terminal = new Terminal(client.streams.stderr);
  let searched = 0;
  const { entries, next } = await readPages(options, async (query) => {
    const page = await client.api.items(name, { ...query, contains });
    // Where few items fit, many pages may be needed.
    searched += Number(page.searched);
    if (contains !== undefined) terminal.progressBar('Searching', 0, 0, `${searched} items looked at`);
    return { entries: page.items, next: page.nextPageToken };
  }).finally(() => terminal.clear());
  await client.output.show({ items: entries, nextPageToken: next }, () =>
    itemsView(entries.map(rowOf), contains),
  );
  remarkMore(client, entries.length, next);
}

export function rowOf({ data, url }: Item): { fields: Record<string, unknown>; url: string } {
  return { fields: JSON.parse(data) as Record<string, unknown>, url };
}

function formatOf(file: string): FileFormat {
  const ending = /\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase();
  const format = ending === 'ndjson' ? 'jsonl' : RESULT_FORMATS.find((known) => known === ending);
  if (format !== undefined && format !== 'table') return format;
  throw new Failure(
    EXIT.usage,
    `${file} does not say what it is to hold. End it with .csv, .json, .jsonl or .parquet, or name a --format.`,
  );
}
