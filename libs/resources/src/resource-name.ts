import { OrbweaverError } from '@app/errors';

/** What a resource may be called: its name is a path segment of several etcd keys. */

export const MAX_NAME_BYTES = 253;

const CONTROL = /\p{Cc}/u;
const HALF_PAIR = /\p{Surrogate}/u;

/** Throws INVALID_ARGUMENT that says what is wrong with the name and what would be right. */
export function checkResourceName(name: string): void {
  const fault = faultOf(name);
  if (fault !== undefined) throw new OrbweaverError('INVALID_ARGUMENT', fault);
}

function faultOf(name: string): string | undefined {
  if (name === '') return 'a resource needs a name';
  // It would stand among the election's keys.
  if (name === 'election') return 'the name "election" is reserved: choose another';
  if (name.includes('/')) return `a resource name holds no "/": ${JSON.stringify(name)}`;
  if (CONTROL.test(name)) return `a resource name holds no control characters: ${JSON.stringify(name)}`;
  if (HALF_PAIR.test(name)) return `a resource name is valid Unicode: ${JSON.stringify(name)}`;
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_NAME_BYTES) {
    return `a resource name is at most ${MAX_NAME_BYTES} bytes of UTF-8, this one is ${bytes}`;
  }
  return undefined;
}
