import { Parser } from 'htmlparser2';
import { normalizeUrl, type PageUrl } from '@app/tasks';
import { TextStream } from './text-stream.js';

/** What the first engine wants of a page: its title and where its links lead. Takes the body as it comes. */
export class HtmlPage {
  title = '';
  readonly #links = new Map<string, PageUrl>();
  readonly #text: TextStream;
  readonly #parser: Parser;
  #base: string;
  #hasBase = false;
  #inTitle = false;
  #hasTitle = false;
  /** Titles of pictures are not the page's. */
  #svgDepth = 0;

  /** `wantsLinks`: false where nothing would be followed. */
  constructor(url: string, contentType: string, wantsLinks: boolean) {
    this.#base = url;
    this.#parser = new Parser(
      {
        onopentag: (name, attributes) => {
          if (name === 'a' || name === 'area') {
            if (wantsLinks && attributes.href !== undefined) this.#link(attributes.href);
          } else if (name === 'title') this.#inTitle = !this.#hasTitle && this.#svgDepth === 0;
          else if (name === 'svg') this.#svgDepth++;
          else if (name === 'base' && attributes.href !== undefined) this.#setBase(attributes.href);
        },
        ontext: (text) => {
          if (this.#inTitle && this.title.length < MAX_TITLE) this.title += text;
        },
        onclosetag: (name) => {
          if (name === 'svg') this.#svgDepth--;
          else if (name === 'title' && this.#inTitle) {
            this.#inTitle = false;
            this.#hasTitle = true;
          }
        },
      },
      { decodeEntities: true },
    );
    this.#text = new TextStream(contentType, (text) => this.#parser.write(text));
  }

  write(chunk: Buffer): void {
    this.#text.write(chunk);
  }

  /** The links, each once, in the order of their first appearance. */
  end(): PageUrl[] {
    this.#text.end();
    this.#parser.end();
    this.title = this.title.replace(/\s+/g, ' ').trim().slice(0, MAX_TITLE);
    return [...this.#links.values()];
  }

  #link(href: string): void {
    if (this.#links.size >= MAX_LINKS) return;
    const url = normalizeUrl(href, this.#base);
    if (url !== undefined) this.#links.set(url.href, url);
  }

  /** The first one counts; one that is no http(s) URL counts as if it were not there. */
  #setBase(href: string): void {
    if (this.#hasBase) return;
    this.#hasBase = true;
    this.#base = normalizeUrl(href, this.#base)?.href ?? this.#base;
  }
}

const MAX_TITLE = 500;
const MAX_LINKS = 10_000;

export function isHtml(contentType: string): boolean {
  return /^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i.test(contentType);
}
