export { decodeResource, encodeNodeRef, encodeResource } from './resource-record.js';
export type { NodeRef, ResourceRecord } from './resource-record.js';
export { checkResourceName } from './resource-name.js';
export { checkSpecText, MAX_SPEC_BYTES, sameSpec } from './spec-text.js';
export { controlAfter, decodeControl, encodeControl } from './control.js';
export type { Control, ControlRequest } from './control.js';
export { decodeReplacedSpec, keepReplaced } from './spec-history.js';
export { decodeSchedule, encodeSchedule } from './schedule-record.js';
export type { ScheduleRecord } from './schedule-record.js';
export { flat } from './flat.js';
export { keys, parseKey } from './keys.js';
export { takesOver } from './take-over.js';
export { writesOf } from './change.js';
export type { Change } from './change.js';
export { IdGenerator } from './id-generator.js';
export { ClusterState } from './cluster-state.js';
export type { ResourcePage, ResourceQuery, StoredResource } from './committed-resources.js';
export type { WorkerNode } from './workers.js';
export {
  planAdd,
  planControl,
  planDrain,
  planRebalance,
  planReconcile,
  planRemove,
  planRespec,
  planUnassigned,
  planWorkerGone,
} from './planner.js';
