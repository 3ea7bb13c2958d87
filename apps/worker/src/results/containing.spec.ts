import * as fc from 'fast-check';
import { containing } from './containing.js';

const item = (value: unknown) => ({
  url: 'http://shop.test/a',
  rule: 'book',
  data: JSON.stringify({ value }),
});

describe('an item contains a text', () => {
  it.each([
    ['in its URL', 'SHOP.test', item('')],
    ['in its rule', 'Book', item('')],
    ['in a text', 'quiet', item('All Quiet')],
    ['in a number', '12.5', item(112.5)],
    ['in a truth', 'true', item(true)],
    ['in a list of objects', 'blue', item([{ color: 'Blue' }])],
    ['with quotes', 'said "no"', item('she said "no"')],
    ['with the signs of patterns', '100%_\\', item('100%_\\')],
    ['over lines', 'one\nTwo', item('one\ntwo')],
    ['of other scripts', 'привет', item('ПРИВЕТ')],
    ['whose last letter has a form of its own', 'ΟΔΟΣ', item('οδοσήμανση')],
    ['in as many letters as its case needs', 'STRASSE', item('Straße')],
    ['beyond the basic plane', '🦊', item('a 🦊 b')],
  ])('%s', (_, text, one) => {
    expect(containing(text)(one)).toBe(true);
  });

  it.each([
    ['that is the name of a field', 'value', item('')],
    ['that is how JSON is written', '{"', item('')],
    ['that begins in an escape', 'note', item('foo\note')],
    ['over two values', 'ab', item(['a', 'b'])],
    ['that a pattern would fit', 'a%c', item('abc')],
    ['that stands for nothing', 'null', item(null)],
  ])('but not one %s', (_, text, one) => {
    expect(containing(text)(one)).toBe(false);
  });

  it('whatever it is, wherever it stands, however deep', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: 'binary' }),
        fc.string(),
        fc.string(),
        (text, before, after) => {
          expect(containing(text)(item([{ [before]: before + text + after }]))).toBe(true);
        },
      ),
    );
    const deep = `${'['.repeat(100_000)}"here"${']'.repeat(100_000)}`;
    expect(containing('HERE')({ url: '', rule: '', data: deep })).toBe(true);
    expect(containing('w')({ ...item(Array.from({ length: 200_000 }, () => 'v')), url: '' })).toBe(false);
  });
});
