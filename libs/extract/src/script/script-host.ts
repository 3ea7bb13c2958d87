import type { HtmlElement } from '../html/element.js';
import { textOf } from '../html/text-of.js';
import { Page } from '../page.js';
import { MAX_ITEMS } from '../rule/item.js';
import type { Place } from '../rule/field.js';
import type { Queries } from '../rule/queries.js';
import type { ScriptFollow, ScriptRequest } from './script-request.js';

/**
 * The one function that a script's world has of ours: a word and a list in JSON go in, JSON comes out. Nothing is
 * believed of what goes in but that it is text.
 */
export class ScriptHost {
  readonly items: string[] = [];
  readonly follows: ScriptFollow[] = [];
  readonly log: string[] = [];
  /** Why the page fails, whatever the script does about it. */
  failure: string | undefined;
  readonly #page: Page;
  #roomLeft = MAX_GIVEN;

  constructor(
    { about, kind, text }: ScriptRequest['page'],
    private readonly queries: Queries,
  ) {
    this.#page = new Page(about, kind, text);
  }

  /** Undefined for nothing. What it throws is the script's to catch. */
  call(what: string, given: string): string | undefined {
    if (!Object.hasOwn(this.#calls, what)) throw new TypeError(`there is no ${what}`);
    const answer = this.#calls[what]?.(JSON.parse(given) as unknown[]);
    return answer === undefined ? undefined : JSON.stringify(answer);
  }

  readonly #calls: Readonly<Record<string, (given: unknown[]) => unknown>> = {
    about: () => this.#page.about,
    text: () => this.#page.text,
    json: () => this.#page.json,
    match: ([pattern]) => this.queries.match(this.#page.text, textIn(pattern)),
    matchAll: ([pattern]) => this.queries.matchAll(this.#page.text, textIn(pattern)),
    select: ([selection, number]) => this.queries.select(this.#placeOf(number), textIn(selection)),
    selectAll: ([selection, number]) => this.queries.selectAll(this.#placeOf(number), textIn(selection)),
    elements: ([selector, number]) =>
      this.queries.elements(this.#placeOf(number), textIn(selector)).map(({ order }) => order),
    elementText: ([number]) => this.#page.take(textOf(this.#elementOf(number))),
    elementHtml: ([number]) => {
      const { contentStart, contentEnd } = this.#elementOf(number);
      return this.#page.take(this.#page.text.slice(contentStart, contentEnd));
    },
    attribute: ([number, name]) => this.#elementOf(number).attribute(textIn(name).toLowerCase()),
    follow: ([url, rule, priority, carry, isPagination]) => {
      if (this.follows.length === MAX_FOLLOWS) this.#refuse(`follows more than ${MAX_FOLLOWS} links`);
      if (typeof carry !== 'object' || carry === null || Array.isArray(carry)) {
        throw new TypeError('expected an object of values to carry');
      }
      this.follows.push({
        url: this.#given(textIn(url)),
        rule: rule === null ? undefined : textIn(rule),
        priority: Number(priority),
        carry: this.#given(JSON.stringify(carry)),
        isPagination: isPagination === true,
      });
    },
    output: ([item]) => {
      if (this.items.length === MAX_ITEMS) this.#refuse(`gives more than ${MAX_ITEMS} items`);
      if (typeof item !== 'object' || item === null || Array.isArray(item)) {
        throw new TypeError('expected an object for an item');
      }
      this.items.push(this.#given(JSON.stringify(item)));
    },
    log: ([line]) => {
      if (this.log.length < MAX_LOG) this.log.push(textIn(line).slice(0, MAX_LOG_LINE));
    },
    failed: ([name, message, stack]) => {
      const line = /\bscript:(\d+)/.exec(textIn(stack))?.[1];
      const text = `${textIn(name)}: ${textIn(message)}`.replace(/^: /, '').slice(0, MAX_LOG_LINE);
      this.failure ??= `it threw ${text}${line === undefined ? '' : `, in line ${line}`}`;
    },
  };

  #placeOf(number: unknown): Place {
    return { page: this.#page, element: number === undefined ? undefined : this.#elementOf(number) };
  }

  #elementOf(number: unknown): HtmlElement {
    const element = typeof number === 'number' ? this.#page.document.elements[number] : undefined;
    if (element === undefined) throw new TypeError('there is no such element');
    return element;
  }

  #given(text: string): string {
    this.#roomLeft -= text.length;
    if (this.#roomLeft < 0) this.#refuse(`gives more than ${MAX_GIVEN / 2 ** 20} Mi characters`);
    return text;
  }

  #refuse(reason: string): never {
    this.failure = `it ${reason}`;
    throw new RangeError(this.failure);
  }
}

const MAX_FOLLOWS = 10_000;
const MAX_GIVEN = 4 * 2 ** 20;
const MAX_LOG = 100;
const MAX_LOG_LINE = 1_000;

function textIn(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError('expected a text');
}
