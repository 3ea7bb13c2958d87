import { OrbweaverError } from '@app/errors';

/** The text of a spec as it is stored: what it means is for the worker to say, here it is only JSON. */

export const MAX_SPEC_BYTES = 256 * 1024;
const MAX_DEPTH = 64;

/**
 * The spec without spaces, its keys in the order in which they were written: that of fields is the order of columns.
 * Throws INVALID_ARGUMENT for anything but a JSON object of at most 256 KiB.
 */
export function checkSpecText(text: string): string {
  return checked(text, asWritten);
}

/** Whether two stored specs say the same, in whatever order. Text that is no spec equals only itself. */
export function sameSpec(a: string, b: string): boolean {
  if (a === b) return true;
  try {
    return checked(a, byName) === checked(b, byName);
  } catch {
    return false;
  }
}

type Order = (a: readonly [string, unknown], b: readonly [string, unknown]) => number;

const asWritten: Order = () => 0;
const byName: Order = ([a], [b]) => (a < b ? -1 : 1);

function checked(text: string, order: Order): string {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_SPEC_BYTES)
    throw invalid(`a spec is at most ${MAX_SPEC_BYTES} bytes, this one is ${bytes}`);
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`a spec is a JSON object, not ${kindOf(value)}`);
  }
  const compact = JSON.stringify(ordered(value, order, 1));
  // Escaping can lengthen a text: what is stored has to pass as well.
  const length = Buffer.byteLength(compact);
  if (length > MAX_SPEC_BYTES)
    throw invalid(`a spec is at most ${MAX_SPEC_BYTES} bytes, this one is ${length}`);
  return compact;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(
      `a spec is a JSON object: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  }
}

function ordered(value: unknown, order: Order, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) throw invalid(`a spec is nested at most ${MAX_DEPTH} deep`);
  if (Array.isArray(value)) return value.map((element) => ordered(element, order, depth + 1));
  const members = Object.entries(value).map(
    ([key, member]) => [key, ordered(member, order, depth + 1)] as const,
  );
  return Object.fromEntries(members.sort(order));
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

function invalid(message: string, cause?: unknown): OrbweaverError {
  return new OrbweaverError('INVALID_ARGUMENT', message, { cause });
}
