import { failed } from '../../failed.js';
import type { HtmlElement } from '../element.js';

/** Whether an element is what one part of a selector says. */
export type Match = (element: HtmlElement, search: Search) => boolean;

/** One use of a selector: what it is relative to, and what was found out on the way. */
export class Search {
  #known: Map<Match, Map<HtmlElement, boolean>> | undefined;
  #places: Map<Match, Map<HtmlElement, number>> | undefined;
  #effortLeft = MAX_EFFORT;

  constructor(
    /** All of the page. */
    readonly elements: readonly HtmlElement[],
    readonly scope: HtmlElement | undefined,
  ) {}

  /** What is known of elements, by one part of the selector. */
  known(match: Match): Map<HtmlElement, boolean> {
    this.#known ??= new Map();
    let known = this.#known.get(match);
    if (known === undefined) this.#known.set(match, (known = new Map()));
    return known;
  }

  /** The places of elements among their siblings, as one part of the selector counts them. */
  places(match: Match): Map<HtmlElement, number> {
    this.#places ??= new Map();
    let places = this.#places.get(match);
    if (places === undefined) this.#places.set(match, (places = new Map()));
    return places;
  }

  /** Counts elements that are looked at more than once. */
  spend(count: number): void {
    this.#effortLeft -= count;
    if (this.#effortLeft < 0)
      throw failed('a selector looks at too many elements of the page, again and again');
  }
}

const MAX_EFFORT = 20_000_000;
