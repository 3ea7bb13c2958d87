import { HtmlElement } from '../element.js';
import type { Match } from './match.js';

/** What stands to the left of a combinator, seen from the element on its right. */
export const COMBINATORS: Readonly<Record<string, (left: Match) => Match>> = {
  descendant: (left) => along((element) => parentOf(element), left),
  sibling: (left) => along((element) => element.previous, left),
  child: (left) => (element, search) => {
    const parent = parentOf(element);
    return parent !== undefined && left(parent, search);
  },
  adjacent: (left) => (element, search) => element.previous !== undefined && left(element.previous, search),
  // jQuery's `a < b`: an element within which one is directly.
  parent: (left) => (element, search) =>
    element.children.some((child) => child instanceof HtmlElement && left(child, search)),
};

export function parentOf({ parent }: HtmlElement): HtmlElement | undefined {
  return parent === null || parent.parent === null ? undefined : parent;
}

/** What is known of the innermost of an element's ancestors of which anything is. */
export function nearestKnown(
  known: ReadonlyMap<HtmlElement, boolean>,
  element: HtmlElement,
): boolean | undefined {
  let at = parentOf(element);
  while (at !== undefined && !known.has(at)) at = parentOf(at);
  return at === undefined ? undefined : known.get(at);
}

/**
 * Whether any element on a way is matched. What was found out is kept for the elements on it: the ways of a page's
 * elements are each other's, so that all of them together are not longer than the page.
 */
function along(next: (element: HtmlElement) => HtmlElement | undefined, left: Match): Match {
  const match: Match = (element, search) => {
    let at = next(element);
    if (at === undefined) return false;
    const known = search.known(match);
    const passed: HtmlElement[] = [];
    let isFound = false;
    for (; at !== undefined; at = next(at)) {
      const before = known.get(at);
      if (before !== undefined) {
        isFound = before;
        break;
      }
      passed.push(at);
      if (left(at, search)) {
        isFound = true;
        break;
      }
    }
    for (const each of passed) known.set(each, isFound);
    return isFound;
  };
  return match;
}
