import type { JsonValue } from '@app/tasks';
import type { PageContent } from './extraction.js';
import { failed } from './failed.js';
import type { HtmlElement } from './html/element.js';
import { parseHtml, type HtmlDocument } from './html/parse-html.js';
import { compileSelector } from './html/selector/compile-selector.js';
import { textOf } from './html/text-of.js';
import { jsonLdIn } from './json/json-ld.js';
import { parseJson } from './json/parse-json.js';
import type { MediaKind } from './media-kind.js';

/** What is known of a page beside its text. */
export type PageAbout = Omit<PageContent, 'body'>;

/** A page while it is read: whatever more than one field wants of it is made once. */
export class Page {
  #document: HtmlDocument | undefined;
  #json: { value: JsonValue | undefined } | undefined;
  #jsonLd: JsonValue[] | undefined;
  #baseUrl: string | undefined;
  #roomLeft = MAX_FOUND;

  constructor(
    readonly about: PageAbout,
    readonly kind: MediaKind,
    /** Of any page that is text; empty for others. */
    readonly text: string,
    document?: HtmlDocument,
  ) {
    this.#document = document;
  }

  /** Empty unless the page is HTML or XML. */
  get document(): HtmlDocument {
    return (this.#document ??= isMarkup(this.kind) ? parseHtml(this.text, this.kind === 'xml') : EMPTY);
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
    this.#json ??= { value: isMarkup(this.kind) ? undefined : parseJson(this.text) };
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
    if (this.#roomLeft < 0)
      throw failed(`more than ${MAX_FOUND / 2 ** 20} Mi characters were found on the page`);
    return text;
  }

  #findBaseUrl(): string {
    const { url } = this.about;
    const [base] = BASES(this.document);
    const href = base?.attribute('href');
    if (href === undefined || !URL.canParse(href, url)) return url;
    const absolute = new URL(href, url);
    return absolute.protocol === 'http:' || absolute.protocol === 'https:' ? absolute.href : url;
  }
}

export function isMarkup(kind: MediaKind): boolean {
  return kind === 'html' || kind === 'xml';
}

const EMPTY = parseHtml('');
const MAX_TITLE = 500;
const MAX_FOUND = 64 * 2 ** 20;
const TITLES = compileSelector('title:not(svg title)');
const BASES = compileSelector('base[href]');
