import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';
import { HtmlElement, HtmlText } from './element.js';
import { ENDED_BY, INTEGRATION, VOID } from './tags.js';

/** A page as a tree, and its elements in their order. */
export interface HtmlDocument {
  readonly source: string;
  readonly root: HtmlElement;
  readonly elements: readonly HtmlElement[];
}

/**
 * Reads any text; what is no HTML becomes the tree that htmlparser2 would make of it, but for three things: names
 * are lower case within SVG, too; elements nested deeper than browsers nest them become siblings; comments are
 * left out. As XML, tags say all: nothing is closed that is not, and CDATA is text. `isXml` names are lower case
 * as well.
 */
export function parseHtml(source: string, isXml = false): HtmlDocument {
  const builder = new TreeBuilder(source, isXml);
  builder.run(0, source.length);
  return builder.end();
}

/** The same for a text that is long, with turns for others in between. */
export async function parseLongHtml(
  source: string,
  isXml: boolean,
  turn: () => Promise<void>,
): Promise<HtmlDocument> {
  const builder = new TreeBuilder(source, isXml);
  for (let at = 0; at < source.length; at += SLICE) {
    builder.run(at, at + SLICE);
    await turn();
  }
  return builder.end();
}

const SLICE = 256 * 1024;

/** As deep as browsers go. Selectors may look at all ancestors of an element, so their number has to have a bound. */
const MAX_DEPTH = 512;

type Language = 'html' | 'svg' | 'math';

class TreeBuilder implements TokenizerCallbacks {
  readonly #source: string;
  readonly #isXml: boolean;
  readonly #tokenizer: Tokenizer;
  readonly #root = new HtmlElement('', null, -1, 0, 0);
  readonly #elements: HtmlElement[] = [];
  readonly #open: HtmlElement[] = [];
  /** How many of each name are open: a page of end tags that end nothing must not search all that is open. */
  readonly #openCounts = new Map<string, number>();
  /** From the outside in: whose tags these are. */
  readonly #languages: Language[] = [];
  #top = this.#root;
  /** The element whose start tag is being read. */
  #element: HtmlElement | undefined;
  #text: HtmlText | undefined;
  #tagStart = 0;
  #attributeName = '';
  #attributeValue = '';

  constructor(source: string, isXml: boolean) {
    this.#source = source;
    this.#isXml = isXml;
    this.#tokenizer = new Tokenizer({ decodeEntities: true, xmlMode: isXml }, this);
  }

  run(from: number, to: number): void {
    this.#tokenizer.write(this.#source.slice(from, to));
  }

  end(): HtmlDocument {
    this.#tokenizer.end();
    return { source: this.#source, root: this.#root, elements: this.#elements };
  }

  ontext(start: number, end: number): void {
    this.#append(this.#source.slice(start, end));
  }

  ontextentity(codePoint: number): void {
    this.#append(String.fromCodePoint(codePoint));
  }

  onopentagname(start: number, end: number): void {
    this.#tagStart = start - 1;
    this.#begin(this.#nameOf(start, end));
  }

  onattribname(start: number, end: number): void {
    this.#attributeName = this.#source.slice(start, end).toLowerCase();
    this.#attributeValue = '';
  }

  onattribdata(start: number, end: number): void {
    this.#attributeValue += this.#source.slice(start, end);
  }

  onattribentity(codePoint: number): void {
    this.#attributeValue += String.fromCodePoint(codePoint);
  }

  onattribend(): void {
    const element = this.#element;
    if (element === undefined || element.attribute(this.#attributeName) !== undefined) return;
    element.attributes.push(this.#attributeName, this.#attributeValue);
  }

  onopentagend(end: number): void {
    this.#started(end + 1);
  }

  onselfclosingtag(end: number): void {
    const element = this.#element;
    this.#started(end + 1);
    if (element !== undefined && element === this.#open.at(-1) && (this.#isXml || this.#isForeign())) {
      this.#pop(end + 1, end + 1);
    }
  }

  onclosetag(start: number, end: number): void {
    const name = this.#nameOf(start, end);
    const tagStart = start - 2;
    if (!this.#isXml && VOID.has(name)) {
      if (name === 'br') this.#empty(name, tagStart, end + 1);
    } else if ((this.#openCounts.get(name) ?? 0) > 0) {
      while (this.#innermost() !== name) this.#pop(tagStart, tagStart);
      this.#pop(tagStart, end + 1);
    } else if (!this.#isXml && name === 'p') {
      this.#empty(name, tagStart, end + 1);
    }
  }

  oncdata(start: number, end: number, offset: number): void {
    if (this.#isXml || this.#isForeign()) this.#append(this.#source.slice(start, end - offset));
  }

  onend(): void {
    const end = this.#source.length;
    while (this.#open.length > 0) this.#pop(end, end);
    this.#root.contentEnd = this.#root.end = end;
    this.#root.last = this.#elements.length - 1;
  }

  isInForeignContext(): boolean {
    return this.#isForeign();
  }

  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}

  #nameOf(start: number, end: number): string {
    const name = this.#source.slice(start, end).toLowerCase();
    return name === 'image' && !this.#isXml && !this.#isForeign() ? 'img' : name;
  }

  #begin(name: string): void {
    this.#element = undefined;
    if (this.#isXml) {
      this.#element = this.#push(name);
      return;
    }
    // A form within a form is none.
    if (name === 'form' && (this.#openCounts.get(name) ?? 0) > 0) return;
    const ended = ENDED_BY.get(name);
    if (ended !== undefined) {
      while (ended.has(this.#innermost())) this.#pop(this.#tagStart, this.#tagStart);
    }
    if (VOID.has(name)) {
      this.#element = this.#add(name, this.#tagStart);
      return;
    }
    this.#element = this.#push(name);
    const language = this.#languageWithin(name);
    if (language !== undefined) {
      this.#languages.push(language);
      this.#element.changesLanguage = true;
    }
  }

  #started(contentStart: number): void {
    const element = this.#element;
    this.#element = undefined;
    if (element !== undefined) element.contentStart = element.contentEnd = element.end = contentStart;
  }

  #empty(name: string, start: number, end: number): void {
    if (name === 'p') {
      while (this.#innermost() === 'p') this.#pop(start, start);
    }
    const element = this.#add(name, start);
    element.contentStart = element.contentEnd = element.end = end;
  }

  #add(name: string, start: number): HtmlElement {
    const parent = this.#top;
    const element = new HtmlElement(name, parent, this.#elements.length, parent.depth + 1, start);
    parent.children.push(element);
    this.#elements.push(element);
    this.#text = undefined;
    return element;
  }

  #push(name: string): HtmlElement {
    const element = this.#add(name, this.#tagStart);
    this.#open.push(element);
    this.#openCounts.set(name, (this.#openCounts.get(name) ?? 0) + 1);
    if (element.depth < MAX_DEPTH) this.#top = element;
    return element;
  }

  #pop(contentEnd: number, end: number): void {
    const element = this.#open.pop();
    if (element === undefined) return;
    const { name } = element;
    this.#openCounts.set(name, (this.#openCounts.get(name) ?? 1) - 1);
    if (element.changesLanguage) this.#languages.pop();
    element.contentEnd = contentEnd;
    element.end = end;
    element.last = this.#elements.length - 1;
    if (this.#top === element) this.#top = element.parent ?? this.#root;
    this.#text = undefined;
  }

  #append(data: string): void {
    if (this.#text === undefined) {
      this.#text = new HtmlText(this.#top, data);
      this.#top.children.push(this.#text);
    } else {
      this.#text.data += data;
    }
  }

  #innermost(): string {
    return this.#open.at(-1)?.name ?? '';
  }

  #languageWithin(name: string): Language | undefined {
    if (name === 'svg' || name === 'math') return name;
    if (name === 'foreignobject') return this.#languages.at(-1) === 'svg' ? 'html' : undefined;
    return INTEGRATION.has(name) ? 'html' : undefined;
  }

  #isForeign(): boolean {
    const { length } = this.#languages;
    return length > 0 && this.#languages[length - 1] !== 'html';
  }
}
