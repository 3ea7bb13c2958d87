import type { AttributeAction, AttributeSelector } from 'css-what';
import type { Match } from './match.js';

/** Attributes whose values have no case in HTML. */
const CASELESS = new Set(
  (
    'accept accept-charset align alink axis bgcolor charset checked clear codetype color compact declare defer dir ' +
    'direction disabled enctype face frame hreflang http-equiv lang language link media method multiple nohref ' +
    'noresize noshade nowrap readonly rel rev rules scope scrolling selected shape target text type valign ' +
    'valuetype vlink'
  ).split(' '),
);

type Test = (found: string | undefined, wanted: string) => boolean;

export function compileAttribute(selector: AttributeSelector): Match {
  const name = selector.name.toLowerCase();
  const test = TESTS[selector.action];
  const isCaseless = selector.ignoreCase === true || (selector.ignoreCase === null && CASELESS.has(name));
  const wanted = isCaseless ? selector.value.toLowerCase() : selector.value;
  return (element) => {
    const found = element.attribute(name);
    return test(isCaseless ? found?.toLowerCase() : found, wanted);
  };
}

const TESTS: Readonly<Record<AttributeAction, Test>> = {
  exists: (found) => found !== undefined,
  equals: (found, wanted) => found === wanted,
  // As in jQuery: what is missing is not empty either.
  not: (found, wanted) => (wanted === '' ? found !== undefined && found !== '' : found !== wanted),
  hyphen: (found, wanted) => found === wanted || found?.startsWith(`${wanted}-`) === true,
  element: hasWord,
  start: (found, wanted) => wanted !== '' && found?.startsWith(wanted) === true,
  end: (found, wanted) => wanted !== '' && found?.endsWith(wanted) === true,
  any: (found, wanted) => wanted !== '' && found?.includes(wanted) === true,
};

function hasWord(found: string | undefined, word: string): boolean {
  if (found === undefined || word === '') return false;
  for (let at = found.indexOf(word); at !== -1; at = found.indexOf(word, at + 1)) {
    const end = at + word.length;
    const isWhole = (at === 0 || isBlank(found, at - 1)) && (end === found.length || isBlank(found, end));
    if (isWhole) return !/\s/.test(word);
  }
  return false;
}

function isBlank(text: string, at: number): boolean {
  return /\s/.test(text.charAt(at));
}
