export { startEmbeddedEtcd } from './server.js';
export type { EmbeddedEtcd, EmbeddedEtcdOptions } from './server.js';
