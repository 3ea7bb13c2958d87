import { keys } from './keys.js';
import { encodeResource, type NodeRef, type ResourceRecord } from './resource-record.js';

/**
 * One change to one resource, planned and not yet committed. It is committed in a transaction that compares
 * the leadership and `modRevision(/resources/<name>) == expectedModRevision` and does what `writesOf` lists.
 */
export interface Change {
  /**
   * - add: a resource that was not there, with or without a node
   * - assign: to a node; it had none, or its assignment key was missing or had other bytes
   * - move: from one node to another, or to another address of the same node
   * - respec: another spec; its worker starts over with it
   * - control: paused, resumed, or another run; its worker looks at it again
   * - remove: the resource goes, with its spec and its assignment
   * - tidy: the record stays as it is, only assignment keys that contradict it go
   */
  kind: 'add' | 'assign' | 'move' | 'respec' | 'control' | 'remove' | 'tidy';
  name: string;
  /** As it is afterwards; of a removal as it was. */
  record: ResourceRecord;
  from?: NodeRef;
  to?: NodeRef;
  /** 0n: the resource must not exist. */
  expectedModRevision: bigint;
  /** Only in add and respec. */
  spec?: string;
  /** Only in control. */
  control?: string;
  /** With the spec, or with the run that it begins; null takes it away. */
  schedule?: string | null;
  /** Only in respec: what keeps the spec that goes. */
  history?: readonly Write[];
  /** Further nodes whose assignment key of this name contradicts the record and goes as well. */
  stale?: string[];
}

/** A put, or a deletion where there is no value: of a key, or of all that begin so. */
export interface Write {
  key: string;
  value?: string;
  isPrefix?: boolean;
}

/** Everything the change does to etcd: at most six writes, and one more for each further stale key. */
export function writesOf(change: Change): Write[] {
  const { kind, name, record, to, spec, control, schedule, history = [] } = change;
  const writes: Write[] = contradictedNodes(change).map((nodeId) => ({ key: keys.assignment(nodeId, name) }));
  if (kind === 'remove') {
    writes.push({ key: keys.resource(name) }, { key: keys.spec(name) });
    writes.push({ key: keys.control(name) }, { key: keys.schedule(name) }, { key: keys.trace(name) });
    writes.push({ key: keys.specHistory(name), isPrefix: true });
  } else if (kind !== 'tidy') {
    const value = encodeResource(record);
    writes.push({ key: keys.resource(name), value });
    if (to !== undefined) writes.push({ key: keys.assignment(to.id, name), value });
    if (spec !== undefined) writes.push({ key: keys.spec(name), value: spec });
    if (control !== undefined) writes.push({ key: keys.control(name), value: control });
    if (schedule === null) writes.push({ key: keys.schedule(name) });
    else if (schedule !== undefined) writes.push({ key: keys.schedule(name), value: schedule });
    writes.push(...history);
  }
  return writes;
}

/** The nodes whose assignment key the change deletes. */
export function contradictedNodes({ from, to, stale = [] }: Change): string[] {
  const nodeIds = from === undefined ? stale : [from.id, ...stale];
  return [...new Set(nodeIds)].filter((nodeId) => nodeId !== to?.id);
}
