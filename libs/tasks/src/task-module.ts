import type { JsonInput, JsonValue } from './json-value.js';

/** A task as a module exports it by default. */
export interface TaskModule {
  /** As YAML or JSON would say it. */
  readonly spec: unknown;
  /** By the names of their rules. */
  readonly parsers: Readonly<Record<string, Parser>>;
}

/** Makes the items of a page, from what the fields of its rule found. */
export type Parser = (page: ParsedPage, context: ParseContext) => ParseResult | Promise<ParseResult>;

export interface ParsedPage<Item = Record<string, JsonValue>> {
  readonly url: string;
  readonly depth: number;
  /** What came along with the link. */
  readonly carried: Readonly<Record<string, JsonValue>>;
  readonly contentType: string;
  /** The body, decoded. */
  readonly text: string;
  /** What the fields found: once for the page, or once for each element of `each`. */
  readonly items: readonly Item[];
  /** The first of them; without members where there is none. */
  readonly item: Item;
}

/** What can be done with a page. */
export interface ParseContext<RuleName extends string = string> {
  /** Discovers a page, relative to this one, if it is within the task's scope. */
  follow(url: string, how?: FollowOptions<RuleName>): void;
  /** The first match in the page's text: its first group, or the whole of it. Takes time linear in the text. */
  match(pattern: string): string | undefined;
  matchAll(pattern: string): string[];
  /** As in a field: `h1`, `a@href`, `.about@html`. */
  select(selection: string): string | undefined;
  selectAll(selection: string): string[];
}

export interface FollowOptions<RuleName extends string = string> {
  /** The rule of the page behind the link; this one, if none is said. */
  readonly to?: RuleName;
  /** Greater comes first. */
  readonly priority?: number;
  readonly carry?: Readonly<Record<string, JsonInput>>;
  /** A further page of the same listing: its depth is that of this one. */
  readonly paginate?: boolean;
}

/** The page's items: none, one or several. */
export type ParseResult = ParsedItem | readonly ParsedItem[] | undefined | void;

export interface ParsedItem {
  readonly [name: string]: JsonInput | undefined;
}

/** The same in all copies of this module: a task may be loaded beside the program that runs it. */
export const TASK_MODULE = Symbol.for('orbweaver.task');

export function isTaskModule(value: unknown): value is TaskModule {
  return typeof value === 'object' && value !== null && TASK_MODULE in value;
}
