import type { StoredItem } from '@app/crawl';
import type { FieldType, JsonValue } from '@app/tasks';
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { BasicType } from 'hyparquet-writer';
import { Columns, type KnownColumn } from './columns.js';
import { MORE } from './provenance.js';
import { groupsOf, jsonOf, type ItemRow } from './rows.js';

/** One row group: what is held in memory at a time. The types of the columns follow from the first. */
const GROUP = { rows: 10_000, bytes: 16 * 1024 * 1024 };

/**
 * Row group by row group. A column has the type that all its values in the first group have, else it holds JSON
 * texts. A later value that does not fit its column goes to the column for more: nothing is lost, nothing cast.
 */
export async function* parquetTable(
  items: AsyncIterable<readonly StoredItem[]>,
  known: readonly KnownColumn[],
): AsyncGenerator<Uint8Array> {
  const bytes = new PassingWriter();
  let table: Table | undefined;
  for await (const { rows, isLast } of groupsOf(items, GROUP)) {
    table ??= new Table(bytes, new Columns(known, rows, isLast), known, rows);
    if (rows.length > 0) await table.write(rows);
    yield bytes.take();
  }
  await table?.finish();
  yield bytes.take();
}

/** Gives away what was written so far; the offset goes on. */
class PassingWriter extends ByteWriter {
  take(): Uint8Array {
    const taken = this.getBytes().slice();
    this.index = 0;
    return taken;
  }
}

interface Column {
  name: string;
  type: BasicType;
  /** Undefined: no value, or none that fits. */
  value: (row: ItemRow, more: Map<string, JsonValue>) => unknown;
}

class Table {
  readonly #columns: readonly Column[];
  readonly #writer: ParquetWriter;
  readonly #rest: Columns;

  constructor(
    writer: ByteWriter,
    columns: Columns,
    known: readonly KnownColumn[],
    first: readonly ItemRow[],
  ) {
    this.#rest = columns;
    const types = new Map(known.map(({ name, type }) => [name, type]));
    const hasMore = columns.head.at(-1) === MORE;
    this.#columns = [
      ...columns.names.map((name) => ownColumn(name, kindOf(name, types.get(name), first))),
      ...PROVENANCE_COLUMNS,
      ...(hasMore ? [MORE_COLUMN] : []),
    ];
    const columnData = this.#columns.map(({ name, type }) => ({ name, type, data: [] }));
    this.#writer = new ParquetWriter({
      writer,
      schema: schemaFromColumnData({ columnData }),
      createdBy: 'orbweaver',
    });
  }

  async write(rows: readonly ItemRow[]): Promise<void> {
    const more = rows.map(({ fields }) => this.#rest.rest(fields) ?? new Map<string, JsonValue>());
    const columnData = this.#columns.map(({ name, value }) => ({
      name,
      data: rows.map((row, index) => value(row, more[index] as Map<string, JsonValue>) ?? null),
    }));
    await this.#writer.write({ columnData, rowGroupSize: rows.length });
  }

  async finish(): Promise<void> {
    await this.#writer.finish();
  }
}

const PROVENANCE_COLUMNS: readonly Column[] = [
  { name: '_url', type: 'STRING', value: ({ item }) => item.url },
  { name: '_rule', type: 'STRING', value: ({ item }) => item.rule },
  { name: '_fetched_at', type: 'TIMESTAMP', value: ({ item }) => new Date(item.fetchedAt) },
  { name: '_epoch', type: 'INT64', value: ({ item }) => item.epoch },
  { name: '_run', type: 'INT64', value: ({ item }) => BigInt(item.run) },
  { name: '_spec_hash', type: 'STRING', value: ({ item }) => item.specHash },
  { name: '_trace_id', type: 'STRING', value: ({ item }) => item.traceId || undefined },
];

/** The last of all: what the others could not take stands in it. */
const MORE_COLUMN: Column = {
  name: MORE,
  type: 'STRING',
  value: (_, more) => (more.size === 0 ? undefined : jsonOf(more)),
};

type Kind = 'text' | 'integer' | 'number' | 'boolean' | 'json';

function ownColumn(name: string, kind: Kind): Column {
  const { type, fits, written } = KINDS[kind];
  return {
    name,
    type,
    value: ({ fields }, more) => {
      const value = fields.get(name);
      if (value === undefined || value === null) return undefined;
      if (fits(value)) return written(value);
      more.set(name, value);
      return undefined;
    },
  };
}

const KINDS: Record<
  Kind,
  { type: BasicType; fits: (value: JsonValue) => boolean; written: (value: JsonValue) => unknown }
> = {
  text: { type: 'STRING', fits: (value) => typeof value === 'string', written: (value) => value },
  integer: {
    type: 'INT64',
    fits: (value) => Number.isSafeInteger(value) && !Object.is(value, -0),
    written: (value) => BigInt(value as number),
  },
  number: { type: 'DOUBLE', fits: (value) => typeof value === 'number', written: (value) => value },
  boolean: { type: 'BOOLEAN', fits: (value) => typeof value === 'boolean', written: (value) => value },
  json: { type: 'STRING', fits: () => true, written: (value) => JSON.stringify(value) },
};

const KIND_OF_FIELD: Partial<Record<FieldType, Kind>> = {
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
  json: 'json',
};

/** A declared type holds as far as the values do: a default may be of another. */
function kindOf(name: string, type: FieldType | undefined, first: readonly ItemRow[]): Kind {
  const values = first
    .map(({ fields }) => fields.get(name))
    .filter((value) => value !== undefined && value !== null);
  const declared = type === undefined ? undefined : (KIND_OF_FIELD[type] ?? 'text');
  const candidates: Kind[] = declared === undefined ? [] : [declared];
  if (values.length > 0) candidates.push('boolean', 'integer', 'number', 'text');
  return candidates.find((kind) => values.every((value) => KINDS[kind].fits(value))) ?? 'json';
}
