import type { JsonValue } from './json-value.js';

/**
 * What is done with a page: a tree of named rules. The rule of a page is known when it is discovered, so a rule
 * says what kind of page it reads, where that leads (each link with the rule of the page behind it) and which
 * items stand on it.
 */
export type Rules = Readonly<Record<string, Rule>>;

export type Rule = DeclarativeRule | ScriptRule;

export interface DeclarativeRule {
  kind: 'declarative';
  follow: readonly Follow[];
  /** Selector of the elements that hold one item each; undefined: the page is one item. */
  each: string | undefined;
  /** Regular expression: a page, or element of `each`, gives an item only if this finds something in its source. */
  where: string | undefined;
  /** Undefined: the page gives no items. An item whose required field is missing fails its page. */
  fields: Readonly<Record<string, Field>> | undefined;
  /** Links to further pages of this same rule and depth. */
  paginate: Follow | undefined;
  /** Pages of this rule are fetched again by each new run of the task. */
  reload: boolean;
}

/** JavaScript, run in a sandbox for each page of the rule. */
export interface ScriptRule {
  kind: 'script';
  source: string;
  timeoutMs: number;
  memoryBytes: number;
  reload: boolean;
}

export interface Follow {
  /** Selector of elements to look in, each with its own link and carried values; undefined: the page. */
  each: string | undefined;
  /** Where the URLs are: an attribute of selected elements, or the first group of a regular expression. */
  link: { select: string; attribute: string } | { match: string };
  /** Regular expression that the absolute URL must match. */
  where: string | undefined;
  /** The rule of the pages behind the links. */
  to: string;
  /** Greater comes first. */
  priority: number;
  /**
   * Values that go with the link: what the pages behind it, and behind those, know of this one. Without `each`,
   * `:scope` is the link itself.
   */
  carry: Readonly<Record<string, Field>>;
}

/** Where a value is found, then what is made of it. */
export interface Field {
  from:
    | ({ kind: 'css' } & Selection)
    | { kind: 'regex' }
    | /** The page is JSON, or what is found `within` it. */ {
        kind: 'json';
        path: string;
        within: Selection | undefined;
      }
    | /** schema.org data of the page: a JSON path into each JSON-LD object, of this `@type` if it is given. */
      { kind: 'jsonld'; type: string | undefined; path: string }
    | { kind: 'carried'; name: string }
    | { kind: 'url' }
    | { kind: 'constant'; value: JsonValue };
  /** Applied to the text that was found (for `regex`: the page's text): its first group, or the whole match. */
  match: string | undefined;
  type: FieldType;
  /** A list of all that is found, in the order of the page, instead of the first. */
  many: boolean;
  required: boolean;
  /** Instead of null, when nothing is found or it cannot be cast. */
  default: JsonValue | undefined;
}

/** `:scope` selects the element itself that is looked in. */
export interface Selection {
  select: string;
  take: 'text' | 'html' | { attribute: string };
}

/** `url`: made absolute. `date`: an ISO 8601 text. `text`: white space is made one blank and trimmed. */
export type FieldType = 'text' | 'raw' | 'integer' | 'number' | 'boolean' | 'date' | 'url' | 'json';
