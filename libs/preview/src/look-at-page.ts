import { compileTask, type FoundLink, type PageContent } from '@app/extract';
import { isOrbweaverError } from '@app/errors';
import type { TaskCode } from '@app/task-modules';
import type { DeclarativeRule, Field, Follow, JsonValue, TaskSpec } from '@app/tasks';
import { linkPlaceOf, placeOf, withOnly } from './find.js';

/** What a rule makes of a page, taken apart so that a person sees which part of the rule found what. */
export interface Look {
  rule: string;
  title: string;
  fields: FieldLook[];
  follows: FollowLook[];
  items: Record<string, JsonValue>[];
  links: FoundLink[];
  /** What a script said with `ctx.log`. */
  log: string[];
  /** Why the page would fail; empty when it would not. */
  error: string;
}

export interface FieldLook {
  name: string;
  /** Where it is looked for. */
  place: string;
  type: string;
  required: boolean;
  /** Of the first items that have one. */
  values: JsonValue[];
  /** How many items there are, and how many of them have none. */
  itemCount: number;
  missCount: number;
  /** Why the first that has none has none; empty when all have one. */
  miss: string;
}

export interface FollowLook {
  to: string;
  place: string;
  isPagination: boolean;
  /** That would be followed. */
  links: FoundLink[];
  /** Those that the rule's `where` and the task's scope keep out. */
  leftOutCount: number;
}

type Parsers = TaskCode['parsers'] | undefined;

export async function lookAtPage(spec: TaskSpec, page: PageContent, parsers?: Parsers): Promise<Look> {
  const rule = spec.rules[page.rule];
  const isTakenApart = rule?.kind === 'declarative';
  const [outcome, fields, follows] = await Promise.all([
    read(spec, page, parsers),
    isTakenApart ? lookAtFields(spec, rule, page) : [],
    isTakenApart ? lookAtFollows(spec, rule, page) : [],
  ]);
  return { rule: page.rule, fields, follows, ...outcome };
}

async function read(spec: TaskSpec, page: PageContent, parsers: Parsers) {
  try {
    const { title, items, links, log = [] } = await compileTask(spec, parsers).extract(page);
    return { title, items, links, log, error: '' };
  } catch (error) {
    if (!isOrbweaverError(error)) throw error;
    return { title: '', items: [], links: [], log: [], error: error.message };
  }
}

const SAMPLE_SIZE = 3;

async function lookAtFields(spec: TaskSpec, rule: DeclarativeRule, page: PageContent): Promise<FieldLook[]> {
  const fields = Object.entries(rule.fields ?? {});
  if (fields.length === 0) return [];
  const probes = Object.fromEntries([PLACE, ...fields.flatMap(([, field], index) => probesOf(field, index))]);
  const items = await itemsOf(spec, withOnly(rule, { fields: probes }), page);
  return fields.map(([name, field], index) => {
    const missed = items.filter((item) => isMissing(item[`${index} value`]));
    const present = items.map((item) => item[`${index} value`] ?? null).filter((value) => !isMissing(value));
    return {
      name,
      place: placeOf(field),
      type: field.many ? `${field.type}, many` : field.type,
      required: field.required,
      values: present.slice(0, SAMPLE_SIZE),
      itemCount: items.length,
      missCount: missed.length,
      miss:
        missed[0] === undefined
          ? ''
          : missOf(field, missed[0][`${index} matched`], missed[0][`${index} found`]),
    };
  });
}

/** Is found wherever an item may stand: one of which nothing else is found would be left out. */
const PLACE: [string, Field] = [
  'place',
  {
    from: { kind: 'constant', value: true },
    match: undefined,
    type: 'boolean',
    many: false,
    required: false,
    default: undefined,
  },
];

/** The value, and what was there before it was cast, and before it was matched. */
function probesOf(field: Field, index: number): [string, Field][] {
  const lenient: Field = { ...field, required: false };
  const raw: Field = { ...lenient, type: 'raw', many: false, default: undefined };
  return [
    [`${index} value`, lenient],
    [`${index} matched`, raw],
    [`${index} found`, field.from.kind === 'regex' ? raw : { ...raw, match: undefined }],
  ];
}

function missOf(field: Field, matched: JsonValue | undefined, found: JsonValue | undefined): string {
  if (field.from.kind === 'carried') return 'comes with the link that leads here: give it with carry';
  if (isMissing(found)) return 'nothing is there';
  const shown = JSON.stringify(found);
  const text = shown.length > 60 ? `${shown.slice(0, 59)}…` : shown;
  return isMissing(matched)
    ? `there is ${text}, which does not match`
    : `there is ${text}, which is no ${field.type}`;
}

function isMissing(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

async function itemsOf(spec: TaskSpec, rule: DeclarativeRule, page: PageContent) {
  return (await read({ ...spec, rules: { ...spec.rules, [page.rule]: rule } }, page, undefined)).items;
}

async function lookAtFollows(
  spec: TaskSpec,
  rule: DeclarativeRule,
  page: PageContent,
): Promise<FollowLook[]> {
  const follows: [Follow, boolean][] = rule.follow.map((follow) => [follow, false]);
  if (rule.paginate !== undefined) follows.push([rule.paginate, true]);
  return Promise.all(
    follows.map(async ([follow, isPagination]) => {
      const [kept, all] = await Promise.all([
        linksOf(spec, rule, follow, page),
        linksOf({ ...spec, allow: ['*'], deny: [] }, rule, { ...follow, where: undefined }, page),
      ]);
      return {
        to: follow.to,
        place: linkPlaceOf(follow),
        isPagination,
        links: kept,
        leftOutCount: all.length - kept.length,
      };
    }),
  );
}

async function linksOf(spec: TaskSpec, rule: DeclarativeRule, follow: Follow, page: PageContent) {
  const only = withOnly(rule, { follow: [follow] });
  return (await read({ ...spec, rules: { ...spec.rules, [page.rule]: only } }, page, undefined)).links;
}
