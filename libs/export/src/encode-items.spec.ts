import type { StoredItem } from '@app/crawl';
import type { JsonValue } from '@app/tasks';
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { KnownColumn } from './columns.js';
import { encodeItems } from './encode-items.js';
import type { ExportFormat } from './formats.js';

const PROVENANCE = ['_url', '_rule', '_fetched_at', '_epoch', '_run', '_spec_hash', '_trace_id'];

function item(data: object, number = 1): StoredItem {
  return {
    number,
    resource: 'books',
    rule: 'detail',
    url: `http://books.test/${number}`,
    position: 0,
    fetchedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    epoch: 42n,
    run: 3,
    specHash: 'abc',
    data: JSON.stringify(data),
    traceId: number === 1 ? 'aa11' : '',
  };
}

async function* pages(items: readonly StoredItem[], size = 100): AsyncGenerator<readonly StoredItem[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

async function encoded(format: ExportFormat, items: readonly StoredItem[], known?: KnownColumn[]) {
  const parts: Uint8Array[] = [];
  for await (const part of encodeItems(pages(items), format, known)) parts.push(part);
  return Buffer.concat(parts);
}

/** A reader as strict as RFC 4180: undefined for a cell without anything, which `""` is not. */
function csvRows(text: string): (string | undefined)[][] {
  const rows: (string | undefined)[][] = [];
  let row: (string | undefined)[] = [];
  for (let at = 0; at < text.length;) {
    const found = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
    found.lastIndex = at;
    const match = found.exec(text);
    if (match === null) throw new Error(`no cell at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
    const [whole, quoted, plain, end] = match;
    row.push(quoted?.replaceAll('""', '"') ?? (plain === '' ? undefined : plain));
    if (end === '\r\n') {
      rows.push(row);
      row = [];
    }
    at += whole.length;
  }
  expect(row).toEqual([]);
  return rows;
}

/** The text as it was before a spreadsheet was kept from running it. */
function exact(text: string | undefined): string | undefined {
  return text?.replace(/^'(?='*(?:[=@\t\r\n]|[+-](?![\d.,\s]*%?$)))/, '');
}

function tableOf(csv: Buffer): Record<string, string | undefined>[] {
  const [head = [], ...rows] = csvRows(csv.toString());
  return rows.map((row) => {
    expect(row).toHaveLength(head.length);
    return Object.fromEntries(head.map((name, index) => [exact(name) ?? '', row[index]]));
  });
}

function parquetFile(bytes: Buffer): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}

function rowsOf(bytes: Buffer): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: parquetFile(bytes) });
}

describe('items as JSON', () => {
  it('are one array, each with where it comes from', async () => {
    const text = (await encoded('json', [item({ title: 'A' }), item({}, 2)])).toString();
    expect(JSON.parse(text)).toEqual([
      {
        title: 'A',
        _url: 'http://books.test/1',
        _rule: 'detail',
        _fetched_at: '2026-01-02T03:04:05.678Z',
        _epoch: 42,
        _run: 3,
        _spec_hash: 'abc',
        _trace_id: 'aa11',
      },
      expect.objectContaining({ _url: 'http://books.test/2', _trace_id: null }),
    ]);
  });

  it('are an empty array, and no lines, when there are none', async () => {
    expect((await encoded('json', [])).toString()).toBe('[]\n');
    expect((await encoded('jsonl', [])).toString()).toBe('');
  });

  it('keep a field of their own that is named like one of provenance', async () => {
    const [line = ''] = (await encoded('jsonl', [item({ _url: 'own', a: 1 })])).toString().split('\n');
    expect(JSON.parse(line)).toMatchObject({ a: 1, _url: 'http://books.test/1', _more: { _url: 'own' } });
  });
});

describe('items as CSV', () => {
  it('have the columns of the spec, then those that appear, then provenance', async () => {
    const known: KnownColumn[] = [
      { name: 'title', type: 'text' },
      { name: 'price', type: 'number' },
    ];
    const items = [item({ isbn: '1', price: 2.5 }), item({ title: 'B "b", c\nd', tags: ['x'] }, 2)];
    expect(csvRows((await encoded('csv', items, known)).toString())).toEqual([
      ['title', 'price', 'isbn', 'tags', ...PROVENANCE],
      [
        undefined,
        '2.5',
        '1',
        undefined,
        'http://books.test/1',
        'detail',
        '2026-01-02T03:04:05.678Z',
        '42',
        '3',
        'abc',
        'aa11',
      ],
      [
        'B "b", c\nd',
        undefined,
        undefined,
        '["x"]',
        'http://books.test/2',
        'detail',
        '2026-01-02T03:04:05.678Z',
        '42',
        '3',
        'abc',
        undefined,
      ],
    ]);
  });

  it('have their head alone when there are none', async () => {
    const text = (await encoded('csv', [], [{ name: 'title', type: 'text' }])).toString();
    expect(text).toBe(`title,${PROVENANCE.join(',')}\r\n`);
  });

  it('put fields that nobody knew of when the head was written into a column for more', async () => {
    const items = Array.from({ length: 1_001 }, (_, index) => item({ a: index }, index + 1));
    items.push(item({ a: 1, late: [true] }, 2_000));
    const rows = tableOf(await encoded('csv', items));
    expect(rows[0]).toMatchObject({ a: '0', _more: undefined });
    expect(rows.at(-1)).toMatchObject({ a: '1', _more: '{"late":[true]}' });
  });

  it.each([
    ['=HYPERLINK("http://evil.test")', `'=HYPERLINK("http://evil.test")`],
    ['@SUM(1)', `'@SUM(1)`],
    ['+1+cmd|x', `'+1+cmd|x`],
    ['-2+3', `'-2+3`],
    ['\t=1', `'\t=1`],
    ["'=1", "''=1"],
    ['-5', '-5'],
    ['+4.5 %', '+4.5 %'],
    ['-', '-'],
    ["it's", "it's"],
    ['a=b', 'a=b'],
  ])('write the text %j as %j, so that no spreadsheet runs it', async (text, written) => {
    expect(tableOf(await encoded('csv', [item({ text })]))[0]?.['text']).toBe(written);
  });

  it('are read back as they were, whatever they hold', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '=', "'-x", '"', '\r\n', ','),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.string()),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string({ minLength: 1 }), value), { maxLength: 5 }),
        async (objects) => {
          const items = objects.map((data, index) => item(data, index + 1));
          const rows = tableOf(await encoded('csv', items));
          for (const [index, { data }] of items.entries()) {
            for (const [name, expected] of Object.entries(JSON.parse(data) as Record<string, JsonValue>)) {
              const text = exact(rows[index]?.[name]);
              if (expected === null) expect(text).toBeUndefined();
              else
                expect(text).toBe(
                  typeof expected === 'string' ? Buffer.from(expected).toString() : JSON.stringify(expected),
                );
            }
          }
        },
      ),
    );
  });
});

describe('items as Parquet', () => {
  it('have columns of the types that their values have', async () => {
    const items = [
      item({ title: 'A', pages: 7, price: 1, sold: true, tags: ['x'], odd: 1 }),
      item({ title: null, pages: 8, price: 2.5, tags: [], odd: 'one' }, 2),
    ];
    const file = await encoded('parquet', items);
    expect((await rowsOf(file))[0]).toEqual({
      title: 'A',
      pages: 7n,
      price: 1,
      sold: true,
      tags: '["x"]',
      odd: '1',
      _url: 'http://books.test/1',
      _rule: 'detail',
      _fetched_at: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678)),
      _epoch: 42n,
      _run: 3n,
      _spec_hash: 'abc',
      _trace_id: 'aa11',
    });
    expect((await rowsOf(file))[1]).toMatchObject({
      _trace_id: null,
      title: null,
      price: 2.5,
      sold: null,
      tags: '[]',
      odd: '"one"',
    });
  });

  it('have the types that the spec says, also when there are none', async () => {
    const known: KnownColumn[] = [
      { name: 'price', type: 'number' },
      { name: 'when', type: 'date' },
    ];
    const metadata = parquetMetadata(parquetFile(await encoded('parquet', [], known)));
    expect(metadata.num_rows).toBe(0n);
    expect(metadata.schema.slice(1, 3)).toMatchObject([
      { name: 'price', type: 'DOUBLE' },
      { name: 'when', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
    ]);
  });

  it('are written in row groups; what fits no column any more is kept beside', async () => {
    const items = Array.from({ length: 10_001 }, (_, index) => item({ count: index }, index + 1));
    items.push(item({ count: 1.5, late: 'x' }, 20_000));
    const file = await encoded('parquet', items);
    expect(parquetMetadata(parquetFile(file)).row_groups.map(({ num_rows }) => num_rows)).toEqual([
      10_000n,
      2n,
    ]);
    const rows = await rowsOf(file);
    expect(rows[10_000]).toMatchObject({ count: 10_000n, _more: null });
    expect(rows[10_001]).toMatchObject({ count: null, _more: '{"late":"x","count":1.5}' });
  });

  it('are read back as they were, whatever they hold', async () => {
    // The reader of this test makes rows of plain objects, which cannot hold that one.
    const name = fc.string({ minLength: 1 }).filter((text) => text !== '__proto__');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(name, fc.jsonValue({ maxDepth: 2 })), { minLength: 1, maxLength: 5 }),
        async (objects) => {
          const items = objects.map((data, index) => item(data, index + 1));
          const rows = await rowsOf(await encoded('parquet', items));
          expect(rows).toHaveLength(items.length);
          for (const [index, { data }] of items.entries()) {
            for (const [name, expected] of Object.entries(JSON.parse(data) as Record<string, JsonValue>)) {
              const found = rows[index]?.[name];
              if (expected === null) expect(found).toBeNull();
              else if (typeof found === 'bigint') expect(Number(found)).toBe(expected);
              else if (found === expected) continue;
              else expect(JSON.parse(String(found))).toEqual(expected);
            }
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('a long export', () => {
  it.each(['jsonl', 'json', 'csv', 'parquet'] as const)(
    'as %s reads no further than it is asked for, and holds little',
    async (format) => {
      let read = 0;
      async function* endless(): AsyncGenerator<readonly StoredItem[]> {
        for (;;) {
          yield Array.from({ length: 500 }, () => item({ title: `Book ${read}`, price: read }, ++read));
        }
      }
      const file = encodeItems(endless(), format);
      const readAt: number[] = [];
      for (let part = 0; part < 5; part++) {
        const { value } = await file.next();
        expect(value?.length).toBeLessThan(2 * 1024 * 1024);
        readAt.push(read);
      }
      await file.return(undefined);
      const steps = readAt.map((count, index) => count - (readAt[index - 1] ?? 0));
      expect(Math.max(...steps)).toBeLessThanOrEqual(10_500);
    },
  );
});
