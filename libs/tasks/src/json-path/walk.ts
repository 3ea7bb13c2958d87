import { OrbweaverError } from '@app/errors';
import type { JsonValue } from '../json-value.js';
import { quoted } from '../quoted.js';

/** How many values one path may look at: some paths take the square of a document, and worse. */
const MAX_STEPS = 2_000_000;

/** One step of a path. */
export interface Segment {
  /** Of the value itself, or of all that is within it, too. */
  descends: boolean;
  selectors: Selector[];
}

export type Selector = (value: JsonValue, found: JsonValue[], steps: Steps) => void;
export type Condition = (value: JsonValue, steps: Steps) => boolean;

/** How far one reading of a document has come. */
export class Steps {
  #left = MAX_STEPS;

  constructor(private readonly path: string) {}

  take(count: number): void {
    this.#left -= count;
    if (this.#left >= 0) return;
    throw new OrbweaverError(
      'EXTRACT_FAILED',
      `the JSON path ${quoted(this.path)} would look at more than ${MAX_STEPS} values of the page`,
    );
  }
}

/** What the segments, one after another, find from these values on. */
export function walk(segments: readonly Segment[], from: JsonValue[], steps: Steps): JsonValue[] {
  let values = from;
  for (const { descends, selectors } of segments) {
    const found: JsonValue[] = [];
    for (const value of values) {
      for (const inner of descends ? withDescendants(value) : [value]) {
        for (const select of selectors) {
          const before = found.length;
          select(inner, found, steps);
          steps.take(1 + found.length - before);
        }
      }
    }
    values = found;
  }
  return values;
}

/** In the order of the document, without recursion: a page may nest as deep as it is long. */
function* withDescendants(root: JsonValue): Generator<JsonValue> {
  const stack = [root];
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    yield value;
    const inner = membersOf(value);
    for (let index = inner.length - 1; index >= 0; index--) stack.push(inner[index] as JsonValue);
  }
}

function membersOf(value: JsonValue): JsonValue[] {
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

export function byName(name: string): Selector {
  return (value, found) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    if (Object.hasOwn(value, name)) found.push(value[name] as JsonValue);
  };
}

export function byIndex(index: number): Selector {
  return (value, found) => {
    const member = Array.isArray(value) ? value.at(index) : undefined;
    if (member !== undefined) found.push(member);
  };
}

export function bySlice(start: number | undefined, end: number | undefined): Selector {
  return (value, found) => {
    if (Array.isArray(value)) for (const member of value.slice(start, end)) found.push(member);
  };
}

export function byCondition(condition: Condition): Selector {
  return (value, found, steps) => {
    const members = membersOf(value);
    steps.take(members.length);
    for (const member of members) if (condition(member, steps)) found.push(member);
  };
}
