import { compilePattern, parseSelection } from '@app/tasks';
import type { HtmlElement } from '../html/element.js';
import { compileSelector } from '../html/selector/compile-selector.js';
import { compileSelection, type Place } from './field.js';

/**
 * What code asks of a page: with selectors and regular expressions that are known only when they are used, each
 * compiled once. Throws INVALID_ARGUMENT for what is none.
 */
export class Queries {
  readonly #pattern = remembered(compilePattern);
  readonly #selection = remembered((text) => compileSelection(parseSelection(text)));
  readonly #selector = remembered(compileSelector);

  match(text: string, pattern: string): string | undefined {
    return this.#pattern(pattern).first(text);
  }

  matchAll(text: string, pattern: string): string[] {
    return this.#pattern(pattern).all(text);
  }

  select(place: Place, selection: string): string | undefined {
    for (const found of this.#selection(selection)(place)) return found;
    return undefined;
  }

  selectAll(place: Place, selection: string): string[] {
    return [...this.#selection(selection)(place)];
  }

  elements({ page, element }: Place, selector: string): HtmlElement[] {
    return [...this.#selector(selector)(page.document, element)];
  }
}

const MAX_REMEMBERED = 500;

function remembered<Compiled>(compile: (text: string) => Compiled): (text: string) => Compiled {
  const known = new Map<string, Compiled>();
  return (text) => {
    let compiled = known.get(text);
    if (compiled === undefined) {
      compiled = compile(text);
      if (known.size === MAX_REMEMBERED) known.clear();
      known.set(text, compiled);
    }
    return compiled;
  };
}
