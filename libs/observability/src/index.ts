export { createLogger, namedLogger, pinnedLogger, LOG_LEVELS } from './logger.js';
export type { Logger, LoggerOptions, LogLevel } from './logger.js';
export { nestLogger } from './nest-logger.js';
export { Metrics } from './metrics.js';
export { Readiness } from './readiness.js';
export type { Condition, ReadinessReport } from './readiness.js';
export { PprofServer } from './pprof-server.js';
