export { Election } from './election.js';
export type { ElectionOptions } from './election.js';
export type { Leader, Leadership } from './leadership.js';
