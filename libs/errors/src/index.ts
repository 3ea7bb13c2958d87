export { OrbweaverError, ERROR_CODES, isOrbweaverError } from './orbweaver-error.js';
export type { ErrorCode } from './orbweaver-error.js';
