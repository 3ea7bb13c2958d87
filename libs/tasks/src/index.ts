export { parseTaskSpec, specHash } from './task-spec.js';
export type { RateLimit, Retries, Schedule, Seed, TaskSpec, Webhook } from './spec.js';
export type {
  DeclarativeRule,
  Field,
  FieldType,
  Follow,
  JsonValue,
  Rule,
  Rules,
  ScriptRule,
} from './rules.js';
export { normalizeUrl } from './page-url.js';
export type { PageUrl } from './page-url.js';
