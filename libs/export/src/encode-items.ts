import type { StoredItem } from '@app/crawl';
import { chunksOf } from './chunks.js';
import type { KnownColumn } from './columns.js';
import { csvTable } from './csv.js';
import type { ExportFormat } from './formats.js';
import { jsonArray, jsonLines } from './json.js';
import { parquetTable } from './parquet.js';

/**
 * Items as a file, in pieces. Nothing is read before a piece is asked for, and no more than that piece needs is
 * held in memory, however many items there are. `known` are the columns of a table, as far as they are known;
 * each item also says where it comes from.
 */
export function encodeItems(
  items: AsyncIterable<readonly StoredItem[]>,
  format: ExportFormat,
  known: readonly KnownColumn[] = [],
): AsyncGenerator<Uint8Array> {
  return ENCODERS[format](items, known);
}

type Encoder = (
  items: AsyncIterable<readonly StoredItem[]>,
  known: readonly KnownColumn[],
) => AsyncGenerator<Uint8Array>;

const ENCODERS: Record<ExportFormat, Encoder> = {
  jsonl: (items) => chunksOf(jsonLines(items)),
  json: (items) => chunksOf(jsonArray(items)),
  csv: (items, known) => chunksOf(csvTable(items, known)),
  parquet: parquetTable,
};
