import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { OrbweaverError } from '@app/errors';
import type { Leadership } from '@app/election';
import { compare, MAX_TXN_OPS, op, type KeyValue, type Op, type OpResult } from '@app/etcd';
import type { Compare, Transaction, TxnResult } from '@app/etcd';

/**
 * The one writer of a term. What is submitted while a transaction is under way leaves together in the next
 * (group commit), so many small changes cost few syncs of etcd's log and none of them waits for a timer.
 *
 * Each transaction carries the leadership's guard and what each write expects, so etcd refuses it when another
 * leads or when somebody else changed a record. A refused transaction has changed nothing: the writes whose
 * expectation holds are sent again, the others get to know what is there instead.
 *
 * Limit: when the answer to a transaction is lost, whether it happened is not known here. Its writes are
 * rejected with that error; the caller's next look at etcd (the watch, or a write that expects what the first
 * one expected) tells.
 */
export class Committer {
  private waiting: Pending[] = [];
  private inFlight = 0;
  private flushIsDue = false;
  private closed = false;
  private idleWaiters: (() => void)[] = [];
  private readonly maxInFlight: number;
  private readonly maxWaiting: number;

  constructor(
    private readonly etcd: TxnPort,
    private readonly leadership: Pick<Leadership, 'key' | 'term' | 'guard' | 'signal' | 'lose'>,
    private readonly options: CommitterOptions = {},
  ) {
    this.maxInFlight = options.maxInFlight ?? 4;
    this.maxWaiting = options.maxWaiting ?? 20_000;
    leadership.signal.addEventListener('abort', () => this.rejectWaiting(), { once: true });
  }

  /** Rejects with NOT_LEADER when nothing was and will be written, otherwise with what etcd's client says. */
  submit(write: Write): Promise<Outcome> {
    if (this.closed || this.leadership.signal.aborted) return Promise.reject(noLongerLeader());
    if (this.waiting.length >= this.maxWaiting) {
      return Promise.reject(
        new OrbweaverError('RESOURCE_EXHAUSTED', `${this.maxWaiting} changes wait to be written already`),
      );
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ write, resolve, reject, attempts: 0 });
      this.schedule();
    });
  }

  /** What these keys hold while we lead: as fresh as a write would be, and NOT_LEADER when we do not. */
  async read(...keys: string[]): Promise<(KeyValue | undefined)[]> {
    const outcome = await this.submit({ expects: [], ops: keys.map(op.get) });
    if (outcome.kind !== 'committed') throw new OrbweaverError('INTERNAL', 'a read expects nothing');
    return outcome.responses.map((response) => (response.type === 'get' ? response.kvs[0] : undefined));
  }

  /** The keys under a prefix, in order, as fresh as a write would be. */
  async keysUnder(prefix: string): Promise<string[]> {
    const outcome = await this.submit({ expects: [], ops: [op.keys(prefix)] });
    const [response] = outcome.kind === 'committed' ? outcome.responses : [];
    return response?.type === 'get' ? response.kvs.map(({ key }) => key) : [];
  }

  /** Takes nothing more and resolves once nothing waits or is in flight. Say how long to wait from outside. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.inFlight === 0 && this.waiting.length === 0) return;
    await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
  }

  /** At the end of this turn of the event loop, so that all requests read in it leave together. */
  private schedule(): void {
    if (this.flushIsDue || !this.mayStart()) return;
    this.flushIsDue = true;
    setImmediate(() => {
      this.flushIsDue = false;
      // Not in the trace of whose write happened to be the first of a batch.
      context.with(ROOT_CONTEXT, () => {
        while (this.mayStart()) void this.commit(this.takeBatch());
      });
    });
  }

  /** A transaction that is not full yet waits while another is under way: it will be fuller then. */
  private mayStart(): boolean {
    if (this.waiting.length === 0) return false;
    return this.inFlight === 0 || (this.inFlight < this.maxInFlight && this.fillsTransaction());
  }

  private fillsTransaction(): boolean {
    let ops = 0;
    for (const { write } of this.waiting) {
      ops += write.ops.length;
      if (ops >= MAX_TXN_OPS) return true;
    }
    return false;
  }

  private takeBatch(): Pending[] {
    let ops = 0;
    let compares = 1;
    let size = 0;
    let count = 0;
    for (const { write } of this.waiting) {
      ops += write.ops.length;
      compares += write.expects.length;
      size += sizeOf(write);
      if (count > 0 && (ops > MAX_TXN_OPS || compares > MAX_TXN_OPS || size > MAX_TXN_SIZE)) break;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async commit(batch: Pending[]): Promise<void> {
    this.inFlight++;
    const startedAt = performance.now();
    try {
      const result = await this.etcd.txn(this.transactionOf(batch));
      this.options.observe?.(batch.length, performance.now() - startedAt, result.succeeded);
      if (result.succeeded) settle(batch, result);
      else if (this.guardHolds(result)) await this.sortOut(batch);
      else this.deposed(batch);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.inFlight--;
      this.schedule();
      this.announceIdle();
    }
  }

  private transactionOf(batch: readonly Pending[]): Transaction {
    const conditions: Compare[] = [this.leadership.guard];
    const success: Op[] = [];
    for (const { write } of batch) {
      for (const { key, modRevision } of write.expects) {
        conditions.push(compare.modRevision(key, '=', modRevision));
      }
      success.push(...write.ops);
    }
    return { compare: conditions, success, failure: [op.get(this.leadership.key)] };
  }

  private guardHolds(refused: TxnResult): boolean {
    const [response] = refused.responses;
    return response?.type === 'get' && response.kvs[0]?.createRevision === this.leadership.term;
  }

  /** We still lead, so a record was changed by somebody else: finds out which. */
  private async sortOut(batch: readonly Pending[]): Promise<void> {
    const keys = batch.flatMap(({ write }) => write.expects.map(({ key }) => key));
    const read = await this.etcd.txn({ compare: [this.leadership.guard], success: keys.map(op.get) });
    if (!read.succeeded) return this.deposed(batch);
    const found = read.responses.map((response) => (response.type === 'get' ? response.kvs[0] : undefined));
    const again: Pending[] = [];
    let at = 0;
    for (const pending of batch) {
      const { expects } = pending.write;
      const present = found.slice(at, (at += expects.length));
      if (expects.some(({ modRevision }, i) => (present[i]?.modRevision ?? 0n) !== modRevision)) {
        pending.resolve({ kind: 'conflict', revision: read.revision, found: present });
      } else if (++pending.attempts < MAX_ATTEMPTS) {
        again.push(pending);
      } else {
        pending.reject(new OrbweaverError('UNAVAILABLE', 'others keep changing what is to be written'));
      }
    }
    this.waiting.unshift(...again);
    if (this.leadership.signal.aborted) this.rejectWaiting();
  }

  private deposed(batch: readonly Pending[]): void {
    this.leadership.lose(new OrbweaverError('NOT_LEADER', 'etcd refused a write: another master leads'));
    for (const { reject } of batch) reject(noLongerLeader());
  }

  private rejectWaiting(): void {
    for (const { reject } of this.waiting.splice(0)) reject(noLongerLeader());
    this.announceIdle();
  }

  private announceIdle(): void {
    if (this.inFlight > 0 || this.waiting.length > 0) return;
    for (const resolve of this.idleWaiters.splice(0)) resolve();
  }
}

/** What one change does to etcd, as a whole or not at all. At most 100 ops and as many expectations. */
export interface Write {
  readonly expects: readonly Expectation[];
  readonly ops: readonly Op[];
}

/** The mod revision that a key must have, 0n when it must not exist. */
export interface Expectation {
  readonly key: string;
  readonly modRevision: bigint;
}

export type Outcome =
  /** Responses are given where the first op reads. */
  | { kind: 'committed'; revision: bigint; responses: readonly OpResult[] }
  /** What stands at the expected keys instead, in their order, as of this revision. Nothing was written. */
  | { kind: 'conflict'; revision: bigint; found: readonly (KeyValue | undefined)[] };

export interface TxnPort {
  txn(transaction: Transaction): Promise<TxnResult>;
}

export interface CommitterOptions {
  maxInFlight?: number;
  maxWaiting?: number;
  observe?: (writes: number, ms: number, succeeded: boolean) => void;
}

interface Pending {
  readonly write: Write;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
  attempts: number;
}

/** UTF-16 units, so that the bytes stay below etcd's limit of 1.5 MiB a request whatever they encode. */
const MAX_TXN_SIZE = 400_000;
const MAX_ATTEMPTS = 8;

function sizeOf({ ops }: Write): number {
  let size = 0;
  for (const each of ops) size += each.key.length + (each.type === 'put' ? each.value.length : 0);
  return size;
}

function settle(batch: readonly Pending[], { revision, responses }: TxnResult): void {
  let at = 0;
  for (const { write, resolve } of batch) {
    const from = at;
    at += write.ops.length;
    const first = write.ops[0]?.type;
    const read = first === 'get' || first === 'keys';
    resolve({ kind: 'committed', revision, responses: read ? responses.slice(from, at) : [] });
  }
}

function noLongerLeader(): OrbweaverError {
  return new OrbweaverError('NOT_LEADER', 'this master no longer leads');
}
