import * as fc from 'fast-check';
import { compareUtf8, goObject, goString } from './go-writer.js';

describe('goString', () => {
  it('escapes what encoding/json of Go 1.22 and later escapes, and nothing else', () => {
    const text =
      '\u0000\u0001\u0007\b\t\n\u000b\f\r\u001b\u001f "\\/<>&\u007f\u0080\u2027\u2028\u2029\u202a\ufffdé😀';
    expect(goString(text)).toBe(
      '"\\u0000\\u0001\\u0007\\b\\t\\n\\u000b\\f\\r\\u001b\\u001f \\"\\\\/\\u003c\\u003e\\u0026\u007f\u0080\u2027\\u2028\\u2029\u202a\ufffdé😀"',
    );
  });

  it('writes half a surrogate pair as Go writes bytes that are not UTF-8', () => {
    expect(goString('a\ud83db\ude00c')).toBe('"a\\ufffdb\\ufffdc"');
    expect(goString('\ude00\ud83d')).toBe('"\\ufffd\\ufffd"');
  });

  it('is read back by JSON.parse as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(JSON.parse(goString(text))).toBe(text);
      }),
    );
  });
});

describe('goObject', () => {
  it('sorts keys by their bytes, not by UTF-16 units', () => {
    expect(goObject({ '😀': '1', '\uffff': '2', b: '3', a: '<' })).toBe(
      '{"a":"\\u003c","b":"3","\uffff":"2","😀":"1"}',
    );
  });

  it('tells a map that was never made from an empty one', () => {
    expect([goObject(null), goObject({})]).toEqual(['null', '{}']);
  });
});

describe('compareUtf8', () => {
  it('orders as Buffer.compare does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(compareUtf8(a, b)).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});
