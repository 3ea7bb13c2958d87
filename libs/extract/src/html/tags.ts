/** How tags end one another: as htmlparser2 has it, which follows what browsers do where pages rely on it. */

const HEADINGS = setOf('h1 h2 h3 h4 h5 h6 p');
const FORM = setOf('input option optgroup select button datalist textarea');
const PARAGRAPH = setOf('p');

/** The elements that a start tag ends when they are the innermost open ones. */
export const ENDED_BY: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['tr', setOf('tr th td')],
  ['th', setOf('th')],
  ['td', setOf('thead th td')],
  ['body', setOf('head link script')],
  ['a', setOf('a')],
  ['li', setOf('li')],
  ...each('h1 h2 h3 h4 h5 h6', HEADINGS),
  ...each('select input output button datalist textarea', FORM),
  ['option', setOf('option')],
  ['optgroup', setOf('optgroup option')],
  ...each('dd dt', setOf('dd dt')),
  ...each('p address article aside blockquote details div dl fieldset figcaption figure footer', PARAGRAPH),
  ...each('form header hr main nav ol pre section table ul', PARAGRAPH),
  ...each('rt rp', setOf('rt rp')),
  ...each('tbody tfoot', setOf('thead tbody')),
]);

/** Elements without content. */
export const VOID = setOf(
  'area base basefont br col command embed frame hr img input isindex keygen link meta param source track wbr',
);

/** Elements of SVG and MathML in which HTML goes on; `foreignObject` only within SVG. */
export const INTEGRATION = setOf('mi mo mn ms mtext annotation-xml desc title');

/** A line of text ends with them. */
export const BLOCKS = setOf(
  'address article aside blockquote br caption dd details div dl dt fieldset figcaption figure footer form ' +
    'h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary table tbody td tfoot th thead tr ul',
);

function setOf(names: string): ReadonlySet<string> {
  return new Set(names.split(' '));
}

function each(names: string, ended: ReadonlySet<string>): [string, ReadonlySet<string>][] {
  return names.split(' ').map((name) => [name, ended]);
}
