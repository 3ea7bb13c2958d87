import { OrbweaverError } from '@app/errors';
import type { JsonValue } from '../json-value.js';
import { quoted } from '../quoted.js';
import {
  byCondition,
  byIndex,
  byName,
  bySlice,
  walk,
  type Condition,
  type Segment,
  type Selector,
} from './walk.js';

/** Throws INVALID_ARGUMENT that says where a path goes wrong. */
export class PathParser {
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
