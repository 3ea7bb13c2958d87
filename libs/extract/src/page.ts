import { setImmediate } from 'node:timers/promises';
import type { JsonValue } from '@app/tasks';
import { decodeText } from './decode-text.js';
import type { PageContent } from './extraction.js';
import { failed } from './failed.js';
import type { HtmlElement } from './html/element.js';
import { parseHtml, parseLongHtml, type HtmlDocument } from './html/parse-html.js';
import { compileSelector } from './html/selector.js';
import { textOf } from './html/text-of.js';
import { jsonLdIn } from './json/json-ld.js';
import { parseJson } from './json/parse-json.js';
import { mediaKind } from './media-kind.js';

/** A page while it is read: whatever more than one field wants of it is made once. */
export class Page {
  readonly url: string;
  readonly contentType: string;
  readonly depth: number;
  readonly carried: Readonly<Record<string, JsonValue>>;
  readonly #isMarkup: boolean;
  #json: { value: JsonValue | undefined } | undefined;
  #jsonLd: JsonValue[] | undefined;
  #baseUrl: string | undefined;
  #roomLeft = MAX_FOUND;

  static async read(content: PageContent): Promise<Page> {
    const kind = mediaKind(content.contentType, content.body);
    if (kind === 'other') return new Page(content, '', EMPTY);
    const decoded = decodeText(content.body, content.contentType);
    const text = decoded.includes('\0') ? decoded.replaceAll('\0', '\uFFFD') : decoded;
    if (kind !== 'html' && kind !== 'xml') return new Page(content, text, EMPTY);
    const isXml = kind === 'xml';
    if (text.length <= LONG) return new Page(content, text, parseHtml(text, isXml));
    return new Page(content, text, await parseLongHtml(text, isXml, () => setImmediate()));
  }

  private constructor(
    { url, contentType, depth, carried }: PageContent,
    /** Of any page that is text; empty for others. */
    readonly text: string,
    /** Empty unless the page is HTML or XML. */
    readonly document: HtmlDocument,
  ) {
    this.url = url;
    this.contentType = contentType;
    this.depth = depth;
    this.carried = carried;
    this.#isMarkup = document !== EMPTY;
  }

  /** What links are relative to. */
  get baseUrl(): string {
    return (this.#baseUrl ??= this.#findBaseUrl());
  }

  get title(): string {
    for (const title of TITLES(this.document)) {
      // Not half of a character that takes two.
      return textOf(title)
        .replace(/\s+/g, ' ')
        .trim()
        .slice(0, MAX_TITLE)
        .replace(/[\uD800-\uDBFF]$/, '');
    }
    return '';
  }

  /** Of a page that is JSON, whatever it calls itself; undefined for others. */
  get json(): JsonValue | undefined {
    this.#json ??= { value: this.#isMarkup ? undefined : parseJson(this.text) };
    return this.#json.value;
  }

  /** The JSON-LD objects of the page. */
  get jsonLd(): JsonValue[] {
    return (this.#jsonLd ??= jsonLdIn(this.document));
  }

  /** The text of the page, or of an element, tags and all. */
  textWithin(element: HtmlElement | undefined): string {
    return element === undefined ? this.text : this.take(this.text.slice(element.start, element.end));
  }

  /** Counts what is taken from the page. Elements within elements may be taken over and over: that has a bound. */
  take(text: string): string {
    this.#roomLeft -= text.length;
    if (this.#roomLeft < 0) throw failed(`its fields find more than ${MAX_FOUND / 2 ** 20} Mi characters`);
    return text;
  }

  #findBaseUrl(): string {
    for (const base of BASES(this.document)) {
      const href = base.attribute('href') ?? '';
      if (URL.canParse(href, this.url)) {
        const { href: absolute, protocol } = new URL(href, this.url);
        if (protocol === 'http:' || protocol === 'https:') return absolute;
      }
      break;
    }
    return this.url;
  }
}

const EMPTY = parseHtml('');
const LONG = 512 * 1024;
const MAX_TITLE = 500;
const MAX_FOUND = 16 * 2 ** 20;
const TITLES = compileSelector('title:not(svg title)');
const BASES = compileSelector('base[href]');
