import { checkResourceName } from './resource-name.js';

describe('checkResourceName', () => {
  it.each(['a', 'douban_book_list', '豆瓣 book <list>', '..', 'elections', 'x'.repeat(253), 'é'.repeat(126)])(
    'takes %s',
    (name) => {
      expect(() => checkResourceName(name)).not.toThrow();
    },
  );

  it.each([
    ['', /needs a name/],
    ['election', /reserved/],
    ['a/b', /no "\/": "a\/b"/],
    ['a\nb', /control characters: "a\\nb"/],
    ['a\u0085', /control characters/],
    ['a\ud800', /valid Unicode/],
    ['x'.repeat(254), /at most 253 bytes of UTF-8, this one is 254/],
    ['é'.repeat(127), /this one is 254/],
  ])('refuses %j and says why', (name, message) => {
    expect(() => checkResourceName(name)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(() => checkResourceName(name)).toThrow(message);
  });
});
