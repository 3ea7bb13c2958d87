import { compileTask } from '@app/extract';
import { parseTaskSpec } from '@app/tasks';
import * as fc from 'fast-check';

const PIECES = `
  a * .b #c [d] [d="e"] > + ~ , : :: ( ) | || "x" 2n+1 -n odd of :scope :root :empty :first-child :only-of-type
  :checked :header :hover :selected :not( :has( :is( :nth-child( :nth-last-of-type( :contains( :lang(
`.split(/(\s)/);

it('a selector that a spec may have is one that the extraction reads a page by', async () => {
  const body = Buffer.from('<ul><li class="b"><a href="/x">x</a><input checked></li></ul>');
  const page = { url: 'http://a/', contentType: 'text/html', body, rule: 'page', depth: 0, carried: {} };
  const pieces = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(pieces, async (some) => {
      const rules = { page: { fields: { x: { css: some.join('') } } } };
      const spec = specOf({ seeds: 'http://a/', rules });
      fc.pre(spec !== undefined);
      expect((await compileTask(spec).extract(page)).links).toEqual([]);
    }),
    { numRuns: 1_000, maxSkipsPerRun: 1_000 },
  );
});

function specOf(written: object) {
  try {
    return parseTaskSpec(written);
  } catch {
    return undefined;
  }
}
