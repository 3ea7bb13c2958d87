import { HtmlElement } from '../element.js';
import type { Match, Search } from './match.js';

/** `:nth-child(2n+1)` and the like. `counts`: beside which siblings an element is counted. Undefined for no formula. */
export function compilePosition(
  formula: string,
  isFromEnd: boolean,
  counts: (element: HtmlElement, search: Search) => string | undefined,
): Match | undefined {
  const test = testOf(formula.trim().toLowerCase());
  if (test === undefined) return undefined;
  const match: Match = (element, search) => {
    const places = search.places(match);
    let place = places.get(element);
    if (place === undefined) {
      note(element, search, places, isFromEnd, counts);
      place = places.get(element) ?? 0;
    }
    return place > 0 && test(place);
  };
  return match;
}

/** The places of all children of the element's parent at once: from 1, or 0 for what does not count. */
function note(
  { parent }: HtmlElement,
  search: Search,
  places: Map<HtmlElement, number>,
  isFromEnd: boolean,
  counts: (element: HtmlElement, search: Search) => string | undefined,
): void {
  const last = new Map<string, number>();
  const siblings = parent?.children ?? [];
  for (const sibling of isFromEnd ? siblings.toReversed() : siblings) {
    if (!(sibling instanceof HtmlElement)) continue;
    const kind = counts(sibling, search);
    const place = kind === undefined ? 0 : (last.get(kind) ?? 0) + 1;
    if (kind !== undefined) last.set(kind, place);
    places.set(sibling, place);
  }
}

function testOf(formula: string): ((place: number) => boolean) | undefined {
  if (formula === 'even') return (place) => place % 2 === 0;
  if (formula === 'odd') return (place) => place % 2 === 1;
  const [, steps, sign, offset] = /^([+-]?\d*)n\s*(?:([+-])\s*(\d+))?$/.exec(formula) ?? [];
  if (steps === undefined) {
    const only = /^[+-]?\d+$/.test(formula) ? Number(formula) : undefined;
    return only === undefined ? undefined : (place) => place === only;
  }
  const step = /\d/.test(steps) ? Number(steps) : Number(`${steps}1`);
  const first = Number(`${sign ?? ''}${offset ?? 0}`);
  if (step === 0) return (place) => place === first;
  return (place) => (place - first) % step === 0 && (place - first) / step >= 0;
}
