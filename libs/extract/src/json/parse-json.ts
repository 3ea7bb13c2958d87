import type { JsonValue } from '@app/tasks';

/** Undefined for what is no JSON, or nests so deep that writing it again would overflow the stack. */
export function parseJson(text: string): JsonValue | undefined {
  if (!/^\s*\S/.test(text)) return undefined;
  try {
    const value = JSON.parse(text) as JsonValue;
    return nestsTooDeep(value) ? undefined : value;
  } catch {
    return undefined;
  }
}

const MAX_DEPTH = 500;

function nestsTooDeep(root: JsonValue): boolean {
  let level = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    const inner: JsonValue[] = [];
    for (const value of level) {
      if (typeof value === 'object' && value !== null) {
        for (const member of Object.values(value)) {
          if (typeof member === 'object' && member !== null) inner.push(member);
        }
      }
    }
    level = inner;
  }
  return false;
}
