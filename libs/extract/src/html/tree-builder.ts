import { HtmlElement, HtmlText } from './element.js';
import type { Sink } from './scanner.js';
import { ENDED_BY, INTEGRATION, VOID } from './tags.js';

/** As deep as browsers go. Selectors look at the ancestors of elements, so their number has to have a bound. */
const MAX_DEPTH = 512;

type Language = 'html' | 'svg' | 'math';

/** Makes a tree of tags, by the rules that htmlparser2 has for which tags end which. */
export class TreeBuilder implements Sink {
  readonly root = new HtmlElement('', null, -1, 0, 0, [], 0);
  readonly elements: HtmlElement[] = [];
  isForeign = false;
  readonly #open: HtmlElement[] = [];
  /** How many of each name are open: a page of end tags that end nothing must not search all that is open. */
  readonly #openCounts = new Map<string, number>();
  /** Whose tags these are, from the outside in. */
  readonly #languages: Language[] = [];
  #innermost = '';
  /** Where what comes is added. */
  #parent = this.root;
  #text: HtmlText | undefined;

  constructor(private readonly isXml: boolean) {}

  text(data: string): void {
    if (this.#text === undefined) {
      this.#text = new HtmlText(this.#parent, data);
      this.#parent.children.push(this.#text);
    } else {
      this.#text.data += data;
    }
  }

  startTag(tagName: string, attributes: string[], start: number, end: number, isSelfClosing: boolean): void {
    if (this.isXml) {
      const element = this.#add(tagName, attributes, start, end);
      if (!isSelfClosing) this.#push(element);
      return;
    }
    const name = tagName === 'image' && !this.isForeign ? 'img' : tagName;
    // A form within a form is none.
    if (name === 'form' && this.#isOpen(name)) return;
    const ended = ENDED_BY.get(name);
    if (ended !== undefined) while (ended.has(this.#innermost)) this.#pop(start, start);
    const element = this.#add(name, attributes, start, end);
    if (VOID.has(name)) return;
    this.#push(element);
    const language = this.#languageWithin(name);
    if (language !== undefined) {
      this.#languages.push(language);
      this.isForeign = language !== 'html';
      element.changesLanguage = true;
    }
    if (isSelfClosing && this.isForeign) this.#pop(end, end);
  }

  endTag(tagName: string, start: number, end: number): void {
    const name = tagName === 'image' && !this.isXml && !this.isForeign ? 'img' : tagName;
    if (!this.isXml && VOID.has(name)) {
      if (name === 'br') this.#add(name, [], start, end);
    } else if (this.#isOpen(name)) {
      while (this.#innermost !== name) this.#pop(start, start);
      this.#pop(start, end);
    } else if (name === 'p' && !this.isXml) {
      this.#add(name, [], start, end);
    }
  }

  end(length: number): void {
    while (this.#open.length > 0) this.#pop(length, length);
    this.root.contentEnd = this.root.end = length;
    this.root.last = this.elements.length - 1;
  }

  #isOpen(name: string): boolean {
    return (this.#openCounts.get(name) ?? 0) > 0;
  }

  #add(name: string, attributes: string[], start: number, end: number): HtmlElement {
    const parent = this.#parent;
    const element = new HtmlElement(
      name,
      parent,
      this.elements.length,
      parent.depth + 1,
      start,
      attributes,
      end,
    );
    parent.children.push(element);
    parent.lastElement = element;
    this.elements.push(element);
    this.#text = undefined;
    return element;
  }

  #push(element: HtmlElement): void {
    const { name } = element;
    this.#open.push(element);
    this.#innermost = name;
    this.#openCounts.set(name, (this.#openCounts.get(name) ?? 0) + 1);
    if (element.depth < MAX_DEPTH) this.#parent = element;
  }

  #pop(contentEnd: number, end: number): void {
    const element = this.#open.pop();
    if (element === undefined) return;
    const { name } = element;
    this.#innermost = this.#open.at(-1)?.name ?? '';
    this.#openCounts.set(name, (this.#openCounts.get(name) ?? 1) - 1);
    if (element.changesLanguage) {
      this.#languages.pop();
      this.isForeign = (this.#languages.at(-1) ?? 'html') !== 'html';
    }
    element.contentEnd = contentEnd;
    element.end = end;
    if (element.depth < MAX_DEPTH) element.last = this.elements.length - 1;
    if (this.#parent === element) this.#parent = element.parent ?? this.root;
    this.#text = undefined;
  }

  #languageWithin(name: string): Language | undefined {
    if (name === 'svg' || name === 'math') return name;
    if (name === 'foreignobject') return this.#languages.at(-1) === 'svg' ? 'html' : undefined;
    return INTEGRATION.has(name) ? 'html' : undefined;
  }
}
