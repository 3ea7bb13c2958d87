import type { JsonInput, JsonValue } from './json-value.js';

/** One, or a list of them. */
type OneOrMany<Type> = Type | readonly Type[];

/** `300ms`, `5s`, `1m30s`, or 0. */
type Pause = string | 0;

/** Everything of a task but its rules, as it is written; docs/tasks.md tells what it means. */
export interface TaskSettings {
  readonly name?: string;
  readonly seeds: OneOrMany<string | { readonly sitemap: string }>;
  readonly fetcher?: 'http' | 'browser';
  readonly userAgent?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookie?: string;
  readonly proxies?: OneOrMany<string>;
  readonly timeout?: string;
  readonly maxBody?: string;
  readonly robots?: 'obey' | 'ignore';
  readonly delay?: Pause;
  readonly waitTime?: Pause;
  readonly concurrency?: number;
  readonly limits?: OneOrMany<
    string | { readonly events: number; readonly per: string; readonly bucket?: number }
  >;
  readonly retries?: number | { readonly max?: number; readonly delay?: string };
  readonly allow?: OneOrMany<string>;
  readonly deny?: OneOrMany<string>;
  readonly maxDepth?: number;
  readonly maxPages?: number;
  readonly maxItems?: number;
  readonly maxDuration?: string;
  readonly reload?: boolean;
  readonly schedule?:
    string | { readonly cron: string; readonly timeZone?: string; readonly overlap?: 'skip' | 'queue' };
  readonly webhooks?: OneOrMany<
    string | { readonly url: string; readonly on?: OneOrMany<'done' | 'failed'> }
  >;
}

/** A selector (`h1`, `a@href`, `.about@html`), a JSON path (`$.title`), or an object that says more. */
export type FieldInput = string | FieldObject;

export interface FieldObject {
  readonly css?: string;
  readonly regex?: string;
  readonly json?: string;
  readonly jsonld?: string | { readonly type?: string; readonly path: string };
  readonly carried?: string;
  readonly url?: true;
  readonly constant?: JsonInput;
  readonly match?: string;
  readonly type?: keyof TypesOfFields;
  readonly many?: boolean;
  readonly required?: boolean;
  readonly default?: JsonInput;
}

export type FieldsInput = Readonly<Record<string, FieldInput>>;

export interface FollowObject<RuleName extends string> {
  readonly each?: string;
  readonly select?: string;
  readonly match?: string;
  readonly where?: string;
  readonly to?: RuleName;
  readonly priority?: number;
  readonly carry?: FieldsInput;
}

/** What a field of each type is in an item. */
interface TypesOfFields {
  text: string;
  raw: string;
  integer: number;
  number: number;
  boolean: boolean;
  date: string;
  url: string;
  json: JsonValue;
}

/** An item as the fields of a rule make it. */
export type ItemOf<Fields> = { -readonly [Name in keyof Fields]: ValueOf<Fields[Name]> };

/** A text that begins with `$` is a JSON path, and what it finds may be anything. */
type ValueOf<Field> = Field extends string
  ? Field extends `$${string}`
    ? JsonValue
    : string | null
  : Field extends { readonly many: true }
    ? SingleOf<Field>[]
    : Field extends { readonly required: true } | { readonly constant: unknown } | { readonly url: true }
      ? SingleOf<Field>
      : Field extends { readonly default: infer Default }
        ? SingleOf<Field> | Widened<Default>
        : SingleOf<Field> | null;

type SingleOf<Field> = Field extends { readonly type: infer Type extends keyof TypesOfFields }
  ? TypesOfFields[Type]
  : Field extends { readonly constant: infer Constant }
    ? Widened<Constant>
    : Field extends { readonly json: string } | { readonly jsonld: unknown } | { readonly carried: string }
      ? JsonValue
      : string;

type Widened<Value> = Value extends string
  ? string
  : Value extends number
    ? number
    : Value extends boolean
      ? boolean
      : Value extends null
        ? null
        : JsonValue;
