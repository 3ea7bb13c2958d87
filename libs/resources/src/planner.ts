import type { Change } from './change.js';
import type { ClusterState, StoredResource } from './cluster-state.js';

export interface AddRequest {
  name: string;
  spec?: string;
  /** Keep it without a node when there is no worker. */
  pending?: boolean;
  creationTime: bigint;
  nextId: () => string;
}
export type AddPlan = { change: Change } | { existing: StoredResource };

export function planAdd(_state: ClusterState, _request: AddRequest): AddPlan {
  throw new Error('not yet');
}
export function planRemove(_state: ClusterState, _name: string): Change {
  throw new Error('not yet');
}
export function planRespec(_state: ClusterState, _name: string, _spec: string): Change {
  throw new Error('not yet');
}
export function planWorkerGone(_state: ClusterState, _nodeId: string, _limit = Infinity): Change[] {
  throw new Error('not yet');
}
export function planRebalance(_state: ClusterState, _limit: number): Change[] {
  throw new Error('not yet');
}
export function planDrain(_state: ClusterState, _nodeId: string, _limit: number): Change[] {
  throw new Error('not yet');
}
export function planUnassigned(_state: ClusterState, _limit = Infinity): Change[] {
  throw new Error('not yet');
}
export function planReconcile(_state: ClusterState, _limit = Infinity): Change[] {
  throw new Error('not yet');
}
