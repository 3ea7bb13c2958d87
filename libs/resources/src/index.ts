export { decodeNodeRef, decodeResource, encodeNodeRef, encodeResource } from './resource-record.js';
export type { NodeRef, ResourceRecord } from './resource-record.js';
export { checkResourceName, MAX_NAME_BYTES } from './resource-name.js';
export { checkSpecText, MAX_SPEC_BYTES, sameSpec } from './spec-text.js';
export { keys, parseKey } from './keys.js';
export type { ParsedKey } from './keys.js';
export { writesOf } from './change.js';
export type { Change, Write } from './change.js';
export { EPOCH_MS, IdGenerator } from './id-generator.js';
export { ClusterState } from './cluster-state.js';
export type { Entry } from './cluster-state.js';
export type { ResourcePage, ResourceQuery, StoredResource } from './committed-resources.js';
export type { WorkerNode } from './workers.js';
export {
  planAdd,
  planDrain,
  planRebalance,
  planReconcile,
  planRemove,
  planRespec,
  planUnassigned,
  planWorkerGone,
} from './planner.js';
export type { AddRequest, AddPlan } from './planner.js';
