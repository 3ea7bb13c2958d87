import { HtmlText, type HtmlElement } from './element.js';
import { BLOCKS } from './tags.js';

/**
 * What a reader sees, more or less: without scripts and styles, and where an element stands on lines of its own
 * (or in a cell), with line breaks around it.
 */
export function textOf(element: HtmlElement): string {
  const only = element.children[0];
  if (element.children.length === 1 && only instanceof HtmlText) return only.data;
  let text = '';
  const add = (within: HtmlElement): void => {
    for (const child of within.children) {
      if (child instanceof HtmlText) text += child.data;
      else if (BLOCKS.has(child.name)) {
        text += '\n';
        add(child);
        text += '\n';
      } else if (child.name !== 'script' && child.name !== 'style') add(child);
    }
  };
  add(element);
  return text;
}
