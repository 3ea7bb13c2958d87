import { Lessor, type Clock } from '../lease/lessor.js';
import type { Present } from '../mvcc/range.js';
import { range } from '../mvcc/range.js';
import type {
  CompactionRequest,
  DeleteRangeRequest,
  DeleteRangeResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  ResponseHeader,
  TxnRequest,
  TxnResponse,
} from '../mvcc/requests.js';
import { Store } from '../mvcc/store.js';
import { checkPlan, checkRequestPut, deleteRange, planTxn, put, runPlan } from '../mvcc/txn.js';
import type { Writer } from '../mvcc/writer.js';
import { WatchHub } from '../watch/watch-hub.js';

/** Who this store is, in the header of each answer. */
export interface Identity {
  readonly clusterId: bigint;
  readonly memberId: bigint;
}

interface WithHeader {
  header: ResponseHeader;
}

/**
 * The store, its leases and its watches as one machine: the same requests in the same order always lead to the
 * same state and the same answers, but for the passing of time, which reaches it only as revoked leases.
 */
export class StateMachine {
  readonly lessor: Lessor;
  readonly store: Store;
  readonly watches: WatchHub;

  constructor(
    readonly identity: Identity,
    clock: Clock,
  ) {
    this.lessor = new Lessor(clock);
    this.store = new Store(this.lessor);
    this.watches = new WatchHub(this.store);
  }

  header(revision = this.store.revision): ResponseHeader {
    const { clusterId, memberId } = this.identity;
    return { clusterId, memberId, revision, raftTerm: RAFT_TERM };
  }

  range(request: RangeRequest): RangeResponse {
    const found = range(this.present(), request);
    return { header: this.header(), ...found };
  }

  put(request: PutRequest): PutResponse {
    checkRequestPut(request, this.store.read(), this.hasLease);
    const prevKv = this.write((writer) => put(writer, request));
    return { header: this.header(), prevKv };
  }

  deleteRange(request: DeleteRangeRequest): DeleteRangeResponse {
    const deleted = this.write((writer) => deleteRange(writer, request));
    return { header: this.header(), ...deleted };
  }

  txn(request: TxnRequest): TxnResponse {
    const present = this.present();
    const plan = planTxn(present.view, request);
    checkPlan(plan, present, this.hasLease);
    const response = this.write((writer) => runPlan(plan, writer, present));
    return { ...response, header: this.header() };
  }

  compact({ revision }: CompactionRequest): WithHeader {
    this.store.compact(revision);
    return { header: this.header() };
  }

  grantLease({
    ID,
    TTL,
  }: {
    ID: bigint;
    TTL: number;
  }): WithHeader & { ID: bigint; TTL: number; error: string } {
    const lease = this.lessor.grant(ID, TTL);
    return { header: this.header(), ID, TTL: lease.ttlSeconds, error: '' };
  }

  /** Deletes the lease's keys, in one revision. */
  revokeLease({ ID }: { ID: bigint }): WithHeader {
    const keys = [...(this.lessor.get(ID)?.keys ?? [])].sort();
    this.write((writer) => keys.forEach((key) => writer.delete({ key, end: undefined })));
    this.lessor.revoke(ID);
    return { header: this.header() };
  }

  checkpointLeases({ checkpoints }: { checkpoints: readonly { ID: bigint; remainingMs: number }[] }): void {
    for (const { ID, remainingMs } of checkpoints) this.lessor.checkpoint(ID, remainingMs);
  }

  private write<T>(transaction: (writer: Writer) => T): T {
    let result: T;
    const changes = this.store.write((writer) => {
      result = transaction(writer);
    });
    if (changes.length > 0) this.watches.notify(changes);
    return result!;
  }

  private present(): Present {
    const { revision, compactRevision } = this.store;
    return { view: this.store.read(), revision, compactRevision };
  }

  private readonly hasLease = (id: bigint): boolean => this.lessor.has(id);
}

/** There is one member and never an election. */
export const RAFT_TERM = 1n;
