export { parseTaskSpec } from './task-spec.js';
export { specHash } from './spec-hash.js';
export type { RateLimit, Retries, Schedule, Seed, TaskSpec, Webhook } from './spec.js';
export type {
  DeclarativeRule,
  Field,
  FieldType,
  Follow,
  Rule,
  Rules,
  ScriptRule,
  Selection,
} from './rules.js';
export { normalizeUrl } from './page-url.js';
export type { PageUrl } from './page-url.js';
export { urlScope } from './scope.js';
export { SITEMAP_RULE, seedPages } from './seeds.js';
export type { SeedPage } from './seeds.js';
export { compilePattern } from './pattern.js';
export type { Pattern } from './pattern.js';
export { compileJsonPath } from './json-path/json-path.js';
export type { JsonReader } from './json-path/json-path.js';
export { parseSelection } from './syntax/selection.js';
export type { JsonInput, JsonValue } from './json-value.js';
export { isTaskModule } from './task-module.js';
export type {
  FollowOptions,
  ParseContext,
  ParsedPage,
  Parser,
  ParseResult,
  TaskModule,
} from './task-module.js';
export { renderTaskSchema } from './syntax/json-schema.js';
