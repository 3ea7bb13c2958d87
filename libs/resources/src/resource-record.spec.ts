import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { decodeResource, encodeResource } from './resource-record.js';

const seed = JSON.parse(readFileSync(new URL('./fixtures/resources-seed.json', import.meta.url), 'utf8')) as {
  key: string;
  value: string;
}[];

describe('the record codec', () => {
  it('reads the original program’s record to the last digit and writes it byte for byte', () => {
    const [record, ...elections] = seed;
    const decoded = decodeResource(record!.value);
    expect(decoded).toEqual({
      id: '1621665639791857664',
      name: 'douban_book_list',
      assignedNode: { id: 'go.micro.server.worker-2', address: '10.156.157.194:9089' },
      creationTime: 1675470192274320000n,
    });
    expect(encodeResource(decoded!)).toBe(record!.value);
    for (const { value } of elections) expect(decodeResource(value)).toBeUndefined();
  });

  it('writes an empty node for a resource without one', () => {
    const record = { id: '7', name: 'a<b>&c', assignedNode: undefined, creationTime: 1n };
    const text = '{"ID":"7","Name":"a\\u003cb\\u003e\\u0026c","AssignedNode":"","CreationTime":1}';
    expect(encodeResource(record)).toBe(text);
    expect(decodeResource(text)).toEqual(record);
  });

  it('decodes what it encodes, whatever the texts are', () => {
    const text = fc.string({ unit: 'binary' });
    const node = fc.record({ id: text.filter((id) => id !== '' && !id.includes('|')), address: text });
    fc.assert(
      fc.property(
        fc.record({
          id: text,
          name: text,
          assignedNode: fc.option(node, { nil: undefined }),
          creationTime: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        }),
        (record) => {
          expect(decodeResource(encodeResource(record))).toEqual(record);
        },
      ),
    );
  });

  const blank = { id: '', name: '', assignedNode: undefined, creationTime: 0n };

  // Each line was tried with encoding/json.
  it.each([
    ['any order, spaces', ' {"CreationTime": 5 ,"Name":"x"}\n', { ...blank, name: 'x', creationTime: 5n }],
    ['fields it does not know', '{"ID":"1","More":{"ID":"2"},"Name":"x"}', { ...blank, id: '1', name: 'x' }],
    ['keys of any case', '{"id":"1","NAME":"x"}', { ...blank, id: '1', name: 'x' }],
    ['a key with a long s', '{"Aſsignednode":"n|a"}', { ...blank, assignedNode: { id: 'n', address: 'a' } }],
    ['the last of repeated keys', '{"ID":"1","id":"2"}', { ...blank, id: '2' }],
    ['null as nothing said', '{"ID":"1","ID":null,"CreationTime":null}', { ...blank, id: '1' }],
    ['no fields at all', '{}', blank],
    ['minus zero', '{"CreationTime":-0}', blank],
    ['the lowest time', '{"CreationTime":-9223372036854775808}', { ...blank, creationTime: -(2n ** 63n) }],
    ['escapes', '{"ID":"\\u0031","Name":"a\\ud800"}', { ...blank, id: '1', name: 'a\ufffd' }],
    [
      'a node without an address',
      '{"AssignedNode":"n"}',
      { ...blank, assignedNode: { id: 'n', address: '' } },
    ],
    [
      'a bar in the address',
      '{"AssignedNode":"n|a|b"}',
      { ...blank, assignedNode: { id: 'n', address: 'a|b' } },
    ],
    ['an address without a node', '{"AssignedNode":"|a"}', blank],
  ])('reads %s', (_, text, record) => {
    expect(decodeResource(text)).toEqual(record);
  });

  const written = (time: string) => `{"ID":"1","Name":"x","AssignedNode":"","CreationTime":${time}}`;

  it.each([
    'null',
    '[]',
    '',
    'master1-10.156.157.194:9091',
    '{"ID":5}',
    '{"Name":["x"]}',
    '{"CreationTime":"5"}',
    written('1.0'),
    written('1e3'),
    written('01'),
    written('9223372036854775808'),
    written(''),
    written('5}'),
    '{"ID":"1","Name":"a\nb","AssignedNode":"","CreationTime":5}',
    '{"ID":"1","Name":"x","AssignedNode":"","CreationTime":5',
  ])('refuses %j', (text) => {
    expect(decodeResource(text)).toBeUndefined();
  });
});
