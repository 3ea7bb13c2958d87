import type { EtcdClient, FollowBatch, KeyValue, WatchEvent } from '@app/etcd';
import { pinnedLogger, type Logger } from '@app/observability';
import {
  decodeResource,
  encodeNodeRef,
  flat,
  keys,
  parseKey,
  type NodeRef,
  type ResourceRecord,
} from '@app/resources';
import type { Assignment } from './assignment.js';

/** Who is told of what this worker is to crawl. */
export interface AssignmentSink {
  /** New, or known under another epoch. */
  assign(assignment: Assignment): void;
  unassign(name: string): void;
}

export interface FeedState {
  /** Everything assigned is known, as of a moment ago. */
  current: boolean;
  revision: bigint;
  /** On the monotonic clock; undefined while the connection stands. */
  interruptedAt: number | undefined;
}

/** This worker's assignments as etcd has them: first all there are, then every change. */
export class AssignmentFeed {
  state: FeedState = { current: false, revision: 0n, interruptedAt: undefined };
  readonly #known = new Map<string, Assignment>();
  #unseen = new Set<string>();
  /** Nearly all records name the same. */
  #node: NodeRef | undefined;
  readonly #received: Logger;

  constructor(
    private readonly etcd: Pick<EtcdClient, 'follow'>,
    private readonly nodeId: string,
    private readonly sink: AssignmentSink,
    private readonly logger: Logger,
    private readonly onState: (state: FeedState) => void = () => {},
  ) {
    this.#received = pinnedLogger(logger);
  }

  /** Ends when the signal fires, or with an error that no patience mends. */
  async run(signal: AbortSignal): Promise<void> {
    const prefix = keys.assignments(this.nodeId);
    for await (const batch of this.etcd.follow([prefix], { signal, prevKv: true, pageSize: PAGE_SIZE })) {
      this.#take(batch);
      this.onState(this.state);
    }
  }

  #take(batch: FollowBatch): void {
    switch (batch.kind) {
      case 'snapshot':
        if (batch.first) this.#unseen = new Set(this.#known.keys());
        for (const kv of batch.entries) {
          this.#put(kv);
          this.#unseen.delete(nameOf(kv.key) ?? '');
        }
        if (batch.last) {
          for (const name of this.#unseen) this.#delete(name, undefined);
          this.#unseen.clear();
        }
        this.state = {
          current: batch.last || this.state.current,
          revision: batch.revision,
          interruptedAt: undefined,
        };
        break;
      case 'events':
        for (const event of batch.events) this.#apply(event);
        this.state = { ...this.state, revision: batch.revision };
        break;
      case 'interrupted':
        this.state = { ...this.state, interruptedAt: performance.now() };
        this.logger.warn({ error: batch.cause.message }, 'the assignments may be stale');
        break;
      case 'resumed':
        this.state = { ...this.state, interruptedAt: undefined };
        break;
    }
  }

  #apply({ type, kv, prevKv }: WatchEvent): void {
    const name = nameOf(kv.key);
    if (name === undefined) return;
    if (type === 'put') this.#put(kv);
    else this.#delete(name, prevKv);
  }

  #put(kv: KeyValue): void {
    const name = nameOf(kv.key);
    if (name === undefined) return;
    const known = this.#known.get(name);
    if (known?.epoch === kv.modRevision) return;
    const record = this.#read(kv.value);
    if (record === undefined) {
      this.logger.warn({ key: kv.key }, 'not a resource record, passed over');
      return;
    }
    const assignment = { name: known?.name ?? flat(name), record, epoch: kv.modRevision };
    this.#known.set(assignment.name, assignment);
    this.#say(known === undefined ? 'create' : 'update', record);
    this.sink.assign(assignment);
  }

  #delete(name: string, previous: KeyValue | undefined): void {
    const record =
      this.#known.get(name)?.record ?? (previous === undefined ? undefined : decodeResource(previous.value));
    this.#known.delete(name);
    if (record === undefined) return;
    this.#say('delete', record);
    this.sink.unassign(name);
  }

  /** In texts of their own: those that are cut from a value keep all of it in memory. */
  #read(value: string): ResourceRecord | undefined {
    const record = decodeResource(value);
    if (record === undefined) return undefined;
    const { id, name, assignedNode: node, creationTime } = record;
    if (encodeNodeRef(node) !== encodeNodeRef(this.#node)) {
      this.#node = node && { id: flat(node.id), address: flat(node.address) };
    }
    return { id: flat(id), name: flat(name), assignedNode: this.#node, creationTime };
  }

  /** With the fields of the record as it stands in etcd, which is how the original logs it. */
  #say(what: 'create' | 'update' | 'delete', { id, name, assignedNode, creationTime }: ResourceRecord): void {
    const spec = {
      ID: id,
      Name: name,
      AssignedNode: encodeNodeRef(assignedNode),
      CreationTime: creationTime,
    };
    this.#received.info({ spec }, `receive ${what} resource`);
  }
}

/** A page is read in one go, with a line in the log for each: small ones leave less behind. */
const PAGE_SIZE = 2_000;

function nameOf(key: string): string | undefined {
  const parsed = parseKey(key);
  return parsed?.kind === 'assignment' ? parsed.name : undefined;
}
