export { Election } from './election.js';
export type { Leader, Leadership } from './leadership.js';
