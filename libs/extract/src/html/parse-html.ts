import type { HtmlElement } from './element.js';
import { Scanner } from './scanner.js';
import { TreeBuilder } from './tree-builder.js';

/** A page as a tree, and its elements in their order. */
export interface HtmlDocument {
  readonly root: HtmlElement;
  readonly elements: readonly HtmlElement[];
}

/**
 * Reads any text; what is no HTML becomes the tree that htmlparser2 makes of it, but for three things: comments are
 * left out, names are lower case within SVG, too, and elements that are nested deeper than browsers nest them
 * become siblings. As XML, tags alone say what ends, and CDATA is text.
 */
export function parseHtml(source: string, isXml = false): HtmlDocument {
  const builder = new TreeBuilder(isXml);
  new Scanner(source, isXml, builder).run(source.length);
  builder.end(source.length);
  return builder;
}

/** The same for a text that is long, with turns for others in between. */
export async function parseLongHtml(
  source: string,
  isXml: boolean,
  turn: () => Promise<void>,
): Promise<HtmlDocument> {
  const builder = new TreeBuilder(isXml);
  const scanner = new Scanner(source, isXml, builder);
  for (let until = SLICE; scanner.run(until); until += SLICE) await turn();
  builder.end(source.length);
  return builder;
}

const SLICE = 256 * 1024;
