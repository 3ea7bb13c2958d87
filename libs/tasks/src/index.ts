export { parseTaskSpec, specHash } from './task-spec.js';
export type { TaskSpec } from './task-spec.js';
export { normalizeUrl } from './page-url.js';
export type { PageUrl } from './page-url.js';
