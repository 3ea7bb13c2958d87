import type { JsonValue, PageUrl } from '@app/tasks';
import type { FoundLink } from './extraction.js';
import { failed } from './failed.js';
import { linkResolver } from './resolve-link.js';

export type Carried = Record<string, JsonValue>;

/** The links of one page: in their normal form, within the task's scope, each once for each rule. */
export class Links {
  readonly found: FoundLink[] = [];
  readonly #seen = new Set<string>();
  readonly #resolved = new Map<string, PageUrl | undefined>();

  readonly #resolve: (text: string) => PageUrl | undefined;

  constructor(
    base: string,
    /** What the page carries goes on to all of its links. */
    private readonly carried: Readonly<Carried>,
    private readonly isInScope: (url: PageUrl) => boolean,
    private readonly room = MAX_LINKS,
  ) {
    this.#resolve = linkResolver(base);
  }

  /** There is no room for another, or too much was looked at: pages of a million links have to end, too. */
  get isFull(): boolean {
    return this.found.length >= this.room || this.#resolved.size >= MAX_LOOKED_AT;
  }

  /** Where a link leads, if it may be followed at all. */
  resolve(text: string): PageUrl | undefined {
    if (this.#resolved.has(text)) return this.#resolved.get(text);
    const url = this.#resolve(text);
    const followed = url !== undefined && this.isInScope(url) ? url : undefined;
    if (this.#resolved.size < MAX_LOOKED_AT) this.#resolved.set(text, followed);
    return followed;
  }

  add(url: PageUrl, link: { rule: string; priority: number; isPagination: boolean }, carry?: Carried): void {
    const key = `${link.rule} ${url.href}`;
    if (this.found.length >= this.room || this.#seen.has(key)) return;
    this.#seen.add(key);
    const carried = carry === undefined ? this.carried : { ...this.carried, ...carry };
    if (carry !== undefined && JSON.stringify(carried).length > MAX_CARRIED) {
      throw failed(
        `the values that go with the link to ${url.href} are longer than ${MAX_CARRIED} characters`,
      );
    }
    this.found.push({ url: url.href, host: url.host, ...link, carried });
  }
}

const MAX_LINKS = 10_000;
const MAX_LOOKED_AT = 100_000;
const MAX_CARRIED = 16_384;
