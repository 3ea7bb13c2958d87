import { HtmlElement, HtmlText } from '../element.js';
import { textOf } from '../text-of.js';
import { nearestKnown, parentOf } from './combinators.js';
import type { Match } from './match.js';

const one: Match = (element) => element.previous === undefined;
const last: Match = (element) => element.parent?.lastElement === element;

/** Without an argument. */
export const PSEUDO_CLASSES: Readonly<Record<string, Match>> = {
  root: (element) => parentOf(element) === undefined,
  scope: (element, { scope }) => (scope === undefined ? parentOf(element) === undefined : element === scope),
  empty: ({ children }) =>
    children.every((child) => child instanceof HtmlText && /^[ \t\r\n]*$/.test(child.data)),
  'first-child': one,
  'last-child': last,
  'only-child': (element, search) => one(element, search) && last(element, search),
};

/** With a text for an argument. */
export const PSEUDO_CLASSES_OF_TEXT: Readonly<Record<string, (text: string) => Match>> = {
  contains: (text) => containing((found) => found.includes(text)),
  icontains: (text) => {
    const lower = text.toLowerCase();
    return containing((found) => found.toLowerCase().includes(lower));
  },
  lang: (codes) => {
    const wanted = codes.split(',').map((code) =>
      code
        .trim()
        .replace(/^["']|["']$/g, '')
        .toLowerCase(),
    );
    return (element) => {
      let at: HtmlElement | undefined = element;
      while (at !== undefined && languageOf(at) === undefined) at = parentOf(at);
      const language = at === undefined ? '' : (languageOf(at) ?? '').toLowerCase();
      return wanted.some((code) => language === code || (code !== '' && language.startsWith(`${code}-`)));
    };
  },
};

/** As selectors. */
const TEXT_CONTROL =
  'input:is([type=text],[type=search],[type=url],[type=tel],[type=email],[type=password],[type=date],[type=month],' +
  '[type=week],[type=time],[type=datetime-local],[type=number])';

export const ALIASES: Readonly<Record<string, string>> = {
  'first-of-type': ':nth-of-type(1)',
  'last-of-type': ':nth-last-of-type(1)',
  'only-of-type': ':first-of-type:last-of-type',
  'any-link': ':is(a, area, link)[href]',
  link: ':any-link',
  disabled:
    ':is(:is(button, input, select, textarea, optgroup, option)[disabled], optgroup[disabled] > option, ' +
    'fieldset[disabled]:not(fieldset[disabled] legend:first-of-type *))',
  enabled: ':is(button, input, select, textarea, optgroup, option, fieldset):not(:disabled)',
  checked: ':is(:is(input[type=radio], input[type=checkbox])[checked], :selected)',
  required: ':is(input, select, textarea)[required]',
  optional: ':is(input, select, textarea):not([required])',
  'read-only': `[readonly]:is(textarea, ${TEXT_CONTROL})`,
  'read-write': `:not([readonly]):is(textarea, ${TEXT_CONTROL})`,
  selected: 'option:is([selected], select:not([multiple]):not(:has(> option[selected])) > :first-of-type)',
  checkbox: '[type=checkbox]',
  file: '[type=file]',
  password: '[type=password]',
  radio: '[type=radio]',
  reset: '[type=reset]',
  image: '[type=image]',
  submit: '[type=submit]',
  parent: ':not(:empty)',
  header: ':is(h1, h2, h3, h4, h5, h6)',
  button: ':is(button, input[type=button])',
  input: ':is(input, textarea, select, button)',
  text: "input:is(:not([type!='']), [type=text])",
};

/** What an element does not contain, nothing within it does: each is looked through only where its parents have it. */
function containing(test: (text: string) => boolean): Match {
  const match: Match = (element, search) => {
    const known = search.known(match);
    const before = known.get(element);
    if (before !== undefined) return before;
    if (nearestKnown(known, element) === false) return false;
    const isFound = test(textOf(element));
    known.set(element, isFound);
    return isFound;
  };
  return match;
}

function languageOf(element: HtmlElement): string | undefined {
  return element.attribute('xml:lang') ?? element.attribute('lang');
}
