import type { Item } from '../api/master-api.js';
import type { Client, ListOptions } from './client.js';
import { EXIT, Failure } from '../failure.js';
import { itemsView } from '../output/items.js';
import { saveFile } from '../output/save-file.js';
import { writeAll } from '../streams.js';
import { readPages, remarkMore } from './paging.js';

export const RESULT_FORMATS = ['table', 'json', 'jsonl', 'csv', 'parquet'] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];

export interface ResultOptions extends ListOptions {
  format?: ResultFormat;
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
  const { stdout, stderr } = client.streams;
  if (file === undefined && format === 'parquet' && stdout.isTTY === true) {
    throw new Failure(EXIT.usage, 'Parquet is no text. Name a file with --output=FILE.');
  }
  const items = await client.api.export(name, format);
  if (file === undefined) await writeAll(stdout, uncut(items));
  else await saveFile(file, uncut(items), stderr);
}

async function showTable(client: Client, name: string, options: ListOptions): Promise<void> {
  const { entries, next } = await readPages(options, async (query) => {
    const page = await client.api.items(name, query);
    return { entries: page.items, next: page.nextPageToken };
  });
  await client.output.show({ items: entries, nextPageToken: next }, () => itemsView(entries.map(rowOf)));
  remarkMore(client, entries.length, next);
}

export function rowOf({ data, url }: Item): { fields: Record<string, unknown>; url: string } {
  return { fields: JSON.parse(data) as Record<string, unknown>, url };
}

/** A stream that ends before its end is not the whole file, and is told so. */
async function* uncut(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    throw new Failure(
      EXIT.unavailable,
      'The items were cut off: the master or the worker is gone. Try again.',
      {
        cause: error,
      },
    );
  }
}

function formatOf(file: string): ResultFormat {
  const ending = /\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase();
  const format = ending === 'ndjson' ? 'jsonl' : RESULT_FORMATS.find((known) => known === ending);
  if (format !== undefined && format !== 'table') return format;
  throw new Failure(
    EXIT.usage,
    `${file} does not say what it is to hold. End it with .csv, .json, .jsonl or .parquet, or name a --format.`,
  );
}
