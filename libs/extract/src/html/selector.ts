import { OrbweaverError } from '@app/errors';
import { compile, type Options } from 'css-select';
import { HtmlElement, HtmlText, type HtmlNode } from './element.js';
import type { HtmlDocument } from './parse-html.js';
import { textOf } from './text-of.js';

/** The elements that a selector finds, in the order of the page; with a scope those within it. */
export type Selector = (document: HtmlDocument, scope?: HtmlElement) => Iterable<HtmlElement>;

/**
 * As in browsers, a selector looks at the whole page and only what it finds is within the scope, unless it begins
 * with a combinator or speaks of `:scope`, which finds the scope itself. Throws INVALID_ARGUMENT for what is none.
 */
export function compileSelector(selector: string): Selector {
  const inPage = compiled(selector);
  // What stands in here is `:scope` to css-select, so a selector need not be compiled for each scope.
  const context = [NONE];
  const inScope = compiled(selector, context);
  const skipped = selector.includes(':scope') ? 0 : 1;
  return function* ({ elements }, scope) {
    if (scope === undefined) {
      for (const element of elements) if (inPage(element)) yield element;
      return;
    }
    for (let at = scope.order + skipped; at <= scope.last; at++) {
      const element = elements[at] as HtmlElement;
      context[0] = scope;
      if (inScope(element)) yield element;
    }
  };
}

function compiled(selector: string, context?: HtmlElement[]): (element: HtmlElement) => boolean {
  try {
    return compile<HtmlNode, HtmlElement>(selector, OPTIONS, context);
  } catch (cause) {
    const message = `not a CSS selector: ${JSON.stringify(selector)}`;
    throw new OrbweaverError('INVALID_ARGUMENT', message, { cause });
  }
}

const isElement = (node: HtmlNode): node is HtmlElement =>
  node instanceof HtmlElement && node.parent !== null;

const NONE = new HtmlElement('', null, -1, 0, 0, [], 0);

const OPTIONS: Options<HtmlNode, HtmlElement> = {
  // What css-select remembers of an element would be wrong in another scope.
  cacheResults: false,
  adapter: {
    isTag: isElement,
    getName: (element) => element.name,
    getParent: (element) => element.parent,
    getChildren: (node) => (node instanceof HtmlElement ? node.children : []),
    getSiblings: (node) => node.parent?.children ?? [node],
    getAttributeValue: (element, name) => element.attribute(name),
    hasAttrib: (element, name) => element.attribute(name) !== undefined,
    getText: (node) => (node instanceof HtmlText ? node.data : textOf(node)),
    removeSubsets: (nodes) => nodes,
  },
};
