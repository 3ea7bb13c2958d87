import type { FieldType, JsonValue, TaskSpec } from '@app/tasks';
import { isReserved, MORE, PROVENANCE } from './provenance.js';
import type { ItemRow } from './rows.js';

/** A field that items are known to have. */
export interface KnownColumn {
  name: string;
  /** Undefined: whatever stands in it. */
  type: FieldType | undefined;
}

/** What the rules of a spec say of its items; scripts say nothing before they run. */
export function columnsOf({ rules }: TaskSpec): KnownColumn[] {
  const columns = new Map<string, KnownColumn>();
  for (const rule of Object.values(rules)) {
    if (rule.kind === 'script') continue;
    for (const [name, { type, many }] of Object.entries(rule.fields ?? {})) {
      const known = columns.get(name);
      const found = many ? undefined : type;
      columns.set(name, { name, type: known === undefined || known.type === found ? found : undefined });
    }
  }
  return [...columns.values()];
}

/**
 * The columns of a table of items: a table has to know them before its first row is written, so they are those
 * that are known and those of the first rows. What comes later and has none goes to the column for more.
 */
export class Columns {
  /** The items' own, in the order of the spec, then of their appearance. */
  readonly names: readonly string[];
  /** Of the whole table; the one for more only where it may be needed. */
  readonly head: readonly string[];
  readonly #known: ReadonlySet<string>;

  constructor(known: readonly KnownColumn[], first: readonly ItemRow[], isWhole: boolean) {
    const names = new Set(known.map(({ name }) => name));
    for (const { fields } of first) for (const name of fields.keys()) names.add(name);
    const needsMore = !isWhole || [...names].some(isReserved);
    this.names = [...names].filter((name) => !isReserved(name));
    this.#known = new Set(this.names);
    this.head = [...this.names, ...PROVENANCE, ...(needsMore ? [MORE] : [])];
  }

  /** The fields that have no column; undefined when all have. */
  rest(fields: ReadonlyMap<string, JsonValue>): Map<string, JsonValue> | undefined {
    let rest: Map<string, JsonValue> | undefined;
    for (const [name, value] of fields) {
      if (!this.#known.has(name)) (rest ??= new Map()).set(name, value);
    }
    return rest;
  }
}
