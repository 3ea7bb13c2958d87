export { OrbweaverError, ERROR_CODES, isOrbweaverError } from './orbweaver-error.js';
export type { ErrorCode, Retry } from './orbweaver-error.js';
