import type { JsonValue } from '../json-value.js';
import { PathParser } from './path-parser.js';
import { Steps, walk } from './walk.js';

/** The values that a path finds in a document, in its order; none when it leads nowhere. */
export type JsonReader = (document: JsonValue) => JsonValue[];

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
