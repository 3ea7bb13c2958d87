import { OrbweaverError } from '@app/errors';
import type { JsonValue } from './json-value.js';
import { quoted } from './quoted.js';

/** The values that a path finds in a document, in its order; none when it leads nowhere. */
export type JsonReader = (document: JsonValue) => JsonValue[];

/** How many values one path may look at: some paths take the square of a document, and worse. */
const MAX_STEPS = 2_000_000;

/**
 * The part of RFC 9535 that tasks need: `$.a`, `$['a']`, `[0]`, `[-1]`, `[1:5]`, `[*]`, `[0,2]`, `..a`, and
 * filters such as `[?@.type == 'Book' && @.price < 10]`. Nothing in a path is ever evaluated as code. Throws
 * INVALID_ARGUMENT that says where the path goes wrong; the reader throws EXTRACT_FAILED for a path and a document
 * that together take too long.
 */
export function compileJsonPath(path: string): JsonReader {
  const segments = new PathParser(path).parse();
  return (document) => walk(segments, [document], new Steps(path));
}

interface Segment {
  /** Of the value itself, or of all that is within it, too. */
  descends: boolean;
  selectors: Selector[];
}

type Selector = (value: JsonValue, found: JsonValue[], steps: Steps) => void;
type Condition = (value: JsonValue, steps: Steps) => boolean;

class Steps {
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

function walk(segments: readonly Segment[], from: JsonValue[], steps: Steps): JsonValue[] {
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

function byName(name: string): Selector {
  return (value, found) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    if (Object.hasOwn(value, name)) found.push(value[name] as JsonValue);
  };
}

function byIndex(index: number): Selector {
  return (value, found) => {
    const member = Array.isArray(value) ? value.at(index) : undefined;
    if (member !== undefined) found.push(member);
  };
}

function bySlice(start: number | undefined, end: number | undefined): Selector {
  return (value, found) => {
    if (Array.isArray(value)) for (const member of value.slice(start, end)) found.push(member);
  };
}

function byCondition(condition: Condition): Selector {
  return (value, found, steps) => {
    const members = membersOf(value);
    steps.take(members.length);
    for (const member of members) if (condition(member, steps)) found.push(member);
  };
}

const COMPARISONS: Record<string, (left: JsonValue, right: JsonValue) => boolean> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<=': (left, right) => ordered(left, right, (order) => order <= 0),
  '>=': (left, right) => ordered(left, right, (order) => order >= 0),
  '<': (left, right) => ordered(left, right, (order) => order < 0),
  '>': (left, right) => ordered(left, right, (order) => order > 0),
};

/** Numbers among numbers and texts among texts; nothing else has an order. */
function ordered(left: JsonValue, right: JsonValue, holds: (order: number) => boolean): boolean {
  if (typeof left === 'number' && typeof right === 'number') return holds(left - right);
  return (
    typeof left === 'string' && typeof right === 'string' && holds(left < right ? -1 : left > right ? 1 : 0)
  );
}

class PathParser {
  private at = 0;

  constructor(private readonly path: string) {}

  parse(): Segment[] {
    if (this.path.length > 1_000) throw this.fault('is longer than 1000 characters');
    if (!this.took('$')) throw this.fault('does not begin with "$"');
    const segments = this.segments();
    if (this.at < this.path.length) throw this.fault();
    return segments;
  }

  private segments(): Segment[] {
    const segments: Segment[] = [];
    for (;;) {
      const descends = this.took('..');
      if (this.took('[')) segments.push({ descends, selectors: this.bracket() });
      else if (descends || this.took('.')) segments.push({ descends, selectors: [this.dotted()] });
      else return segments;
    }
  }

  private dotted(): Selector {
    if (this.took('*')) return byCondition(() => true);
    return byName(this.matched(/[\p{L}_$][\p{L}\p{N}_$-]*/uy) ?? this.refuse());
  }

  private bracket(): Selector[] {
    const selectors: Selector[] = [];
    do {
      this.blanks();
      selectors.push(this.bracketed());
      this.blanks();
    } while (this.took(','));
    this.need(']');
    return selectors;
  }

  private bracketed(): Selector {
    if (this.took('*')) return byCondition(() => true);
    if (this.took('?')) return byCondition(this.condition());
    const name = this.quoted();
    if (name !== undefined) return byName(name);
    const start = this.integer();
    if (this.took(':')) return bySlice(start, this.integer());
    return byIndex(start ?? this.refuse());
  }

  private condition(): Condition {
    const all = [this.comparison()];
    while (this.took('&&')) all.push(this.comparison());
    return (value, steps) => all.every((condition) => condition(value, steps));
  }

  private comparison(): Condition {
    this.blanks();
    this.need('@');
    const segments = this.segments();
    this.blanks();
    const operator = Object.keys(COMPARISONS).find((candidate) => this.took(candidate));
    if (operator === undefined) return (value, steps) => walk(segments, [value], steps).length > 0;
    this.blanks();
    const right = this.literal();
    this.blanks();
    const compare = COMPARISONS[operator];
    return (value, steps) => {
      const [left] = walk(segments, [value], steps);
      return left === undefined ? operator === '!=' : compare?.(left, right) === true;
    };
  }

  private literal(): JsonValue {
    const text = this.quoted();
    if (text !== undefined) return text;
    const word = this.matched(/-?\d+(?:\.\d+)?|true|false|null/y) ?? this.refuse();
    return JSON.parse(word) as JsonValue;
  }

  private quoted(): string | undefined {
    const raw = this.matched(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/y);
    return raw?.slice(1, -1).replace(/\\(.)/g, '$1');
  }

  private integer(): number | undefined {
    const digits = this.matched(/-?\d{1,15}/y);
    return digits === undefined ? undefined : Number(digits);
  }

  private blanks(): void {
    this.matched(/\s+/y);
  }

  private matched(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const text = pattern.exec(this.path)?.[0];
    this.at += text?.length ?? 0;
    return text;
  }

  private took(text: string): boolean {
    if (!this.path.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private need(text: string): void {
    if (!this.took(text)) this.refuse();
  }

  private refuse(): never {
    throw this.fault();
  }

  private fault(reason = `goes wrong at character ${this.at + 1}`): OrbweaverError {
    return new OrbweaverError('INVALID_ARGUMENT', `not a JSON path: ${quoted(this.path)} ${reason}`);
  }
}
