import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { registryKey } from './service-key.js';
import { decodeService, encodeService, type ServiceRecord, type Value } from './service-record.js';

const seed = JSON.parse(readFileSync(new URL('./fixtures/registry-seed.json', import.meta.url), 'utf8')) as {
  key: string;
  value: string;
}[];

describe('the service codec', () => {
  it.each(seed)('reads $key and writes it byte for byte', ({ key, value }) => {
    const service = decodeService(value)!;
    expect(registryKey(service.name, service.nodes![0]!.id)).toBe(key);
    expect(encodeService(service)).toBe(value);
  });

  it('reads fields in the order of newer Go versions, in any case, with more fields', () => {
    const value =
      '{"metadata":{"b":"2","a":"<1>"},"Name":"s","more":[1],"version":"latest",' +
      '"nodes":[{"metadata":null,"address":"h:1","id":"s-1","extra":{}}],"endpoints":[]}';
    expect(encodeService(decodeService(value)!)).toBe(
      '{"name":"s","version":"latest","metadata":{"a":"\\u003c1\\u003e","b":"2"},"endpoints":[],' +
        '"nodes":[{"id":"s-1","address":"h:1","metadata":null}]}',
    );
  });

  it('takes what is missing for what was never set', () => {
    expect(decodeService('{}')).toEqual({
      name: '',
      version: '',
      metadata: null,
      endpoints: null,
      nodes: null,
    });
  });

  it.each([
    '',
    'not json',
    'null',
    '[]',
    '5',
    '{"name":5}',
    '{"nodes":{}}',
    '{"nodes":[5]}',
    '{"metadata":{"a":1}}',
  ])('skips %j', (value) => {
    expect(decodeService(value)).toBeUndefined();
  });

  it('decodes what it encodes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 8 });
    const metadata = fc.option(fc.dictionary(text, text, { maxKeys: 3 }));
    const { value } = fc.letrec<{ value: Value }>((tie) => ({
      value: fc.record({
        name: text,
        type: text,
        values: fc.option(fc.array(tie('value'), { maxLength: 2 }), { maxDepth: 2 }),
      }),
    }));
    const service: fc.Arbitrary<ServiceRecord> = fc.record({
      name: text,
      version: text,
      metadata,
      endpoints: fc.option(
        fc.array(fc.record({ name: text, request: fc.option(value), response: fc.option(value), metadata }), {
          maxLength: 2,
        }),
      ),
      nodes: fc.option(fc.array(fc.record({ id: text, address: text, metadata }), { maxLength: 2 })),
    });
    fc.assert(
      fc.property(service, (record) => {
        const encoded = encodeService(record);
        expect(encodeService(decodeService(encoded)!)).toBe(encoded);
        expect(decodeService(encoded)).toEqual(JSON.parse(JSON.stringify(record)));
      }),
    );
  });
});
