export { createLogger, namedLogger, pinnedLogger } from './logger.js';
export type { Logger } from './logger.js';
export { nestLines } from './nest-lines.js';
export { Metrics } from './metrics.js';
export { Readiness } from './readiness.js';
export type { Condition } from './readiness.js';
export { PprofServer } from './pprof-server.js';
export { startHeapSampling, takeProfile } from './profile.js';
export type { ProfileKind } from './profile.js';
