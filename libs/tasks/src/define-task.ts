import type { FieldsInput, FollowObject, ItemOf, TaskSettings } from './task-input.js';
import {
  type ParseContext,
  type ParsedPage,
  type Parser,
  type ParseResult,
  TASK_MODULE,
  type TaskModule,
} from './task-module.js';

export type { JsonInput, JsonValue } from './json-value.js';
export type { FieldInput, FieldObject, TaskSettings } from './task-input.js';
export type {
  FollowOptions,
  ParseContext,
  ParsedItem,
  ParsedPage,
  Parser,
  ParseResult,
  TaskModule,
} from './task-module.js';

/** A rule; its `parse` function, if it has one, makes the page's items of what the fields found. */
export interface RuleDefinition<Fields, RuleName extends string> {
  readonly follow?: Link<RuleName> | readonly Link<RuleName>[];
  readonly paginate?: string | Omit<FollowObject<never>, 'to'>;
  readonly each?: string;
  readonly where?: string;
  readonly fields?: Fields & FieldsInput;
  readonly reload?: boolean;
  parse?(
    page: ParsedPage<ItemOf<Fields>>,
    context: ParseContext<RuleName>,
  ): ParseResult | Promise<ParseResult>;
}

type Link<RuleName extends string> = string | FollowObject<RuleName>;

/**
 * A task in TypeScript: what YAML says, and a `parse` function wherever a rule needs one. A parse function knows
 * the fields of its rule with their types, and the names of the rules that it may follow to.
 */
export function defineTask<const Fields extends Readonly<Record<string, unknown>>>(
  task: TaskSettings & {
    readonly root?: NoInfer<keyof Fields & string>;
    readonly rules?: {
      readonly [Name in keyof Fields]: RuleDefinition<Fields[Name], NoInfer<keyof Fields & string>>;
    };
  },
): TaskModule {
  const rules: Record<string, unknown> = {};
  const parsers: Record<string, Parser> = {};
  for (const [name, { parse, ...rule }] of Object.entries(task.rules ?? {})) {
    rules[name] = rule;
    if (parse !== undefined) parsers[name] = parse as Parser;
  }
  const spec = task.rules === undefined ? task : { ...task, rules };
  return Object.assign({ spec, parsers }, { [TASK_MODULE]: true });
}
