import { checkSpecText, MAX_SPEC_BYTES, sameSpec } from './spec-text.js';

describe('checkSpecText', () => {
  it('gives the spec without spaces, in the order in which it was written', () => {
    expect(checkSpecText(' {"b": [1, {"d":1,"c":2}], "a" : 1.0, "__proto__":{"x":1} }')).toBe(
      '{"b":[1,{"d":1,"c":2}],"a":1,"__proto__":{"x":1}}',
    );
  });

  it.each([
    ['not json', /a spec is a JSON object: /],
    ['[]', /not an array/],
    ['null', /not null/],
    ['5', /not a number/],
    [`{"a":"${'x'.repeat(MAX_SPEC_BYTES)}"}`, /at most 262144 bytes, this one is 262152/],
    [`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, /nested at most 64 deep/],
  ])('refuses %.20s', (text, message) => {
    expect(() => checkSpecText(text)).toThrow(message);
    expect(() => checkSpecText(text)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('counts bytes, not characters', () => {
    const spec = (chars: number) => `{"a":"${'é'.repeat(chars)}"}`;
    expect(() => checkSpecText(spec((MAX_SPEC_BYTES - 8) / 2))).not.toThrow();
    expect(() => checkSpecText(spec((MAX_SPEC_BYTES - 6) / 2))).toThrow(/at most/);
  });
});

describe('sameSpec', () => {
  it('does not mind the order of keys, and minds all else', () => {
    expect(sameSpec('{"a":1,"b":{"c":1,"__proto__":2}}', '{"b":{"__proto__":2,"c":1.0}, "a":1}')).toBe(true);
    expect(sameSpec('{"a":[1,2]}', '{"a":[2,1]}')).toBe(false);
    expect(sameSpec('', '')).toBe(true);
    expect(sameSpec('', '{}')).toBe(false);
  });
});
