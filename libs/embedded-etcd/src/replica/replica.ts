import { EtcdError } from '../etcd-error.js';
import type { Operation } from './operations.js';
import type { StateMachine } from './state-machine.js';

/**
 * Carries out operations in the order in which they came: first all that wait are made durable together, then
 * they are applied and answered. So nobody, a reader or a watcher, ever sees what a crash could take back.
 */
export interface Journal {
  /** Makes the entries durable. When it throws, how much of them is durable is unknown. */
  append(entries: readonly LogEntry[]): Promise<void>;
}

export interface LogEntry {
  readonly code: number;
  readonly payload: Buffer;
}

export interface ReplicaOptions {
  /** Called when a batch has been applied. */
  afterBatch(): void;
  isSnapshotDue(): boolean;
  /** Called when all that the journal holds is applied, and nothing is on its way to it. */
  snapshot(): void;
  /** The journal has failed, and nothing is accepted any more; or an operation met a fault of ours. */
  onError(error: unknown): void;
}

/** What may wait, as a bound on memory. etcd refuses at 5,000 operations. */
const MAX_WAITING = 20_000;
const MAX_WAITING_BYTES = 256 * 1024 * 1024;

const SLICE = 32;

export class Replica {
  private waiting: Proposal[] = [];
  private waitingBytes = 0;
  private running: Promise<void> | undefined;
  private stopped: unknown;

  constructor(
    readonly machine: StateMachine,
    /** `undefined`: nothing is made durable. */
    private readonly journal: Journal | undefined,
    private applied: bigint,
    private readonly options: ReplicaOptions,
  ) {}

  /** How many operations have been applied. */
  get index(): bigint {
    return this.applied;
  }

  async propose<Request, Response>(
    operation: Operation<Request, Response>,
    request: Request,
    payload: Buffer = operation.request.encode(request),
  ): Promise<Response> {
    if (this.stopped !== undefined) throw new EtcdError('Stopped');
    if (this.waiting.length >= MAX_WAITING || this.waitingBytes >= MAX_WAITING_BYTES) {
      throw new EtcdError('TooManyRequests');
    }
    return new Promise<Response>((resolve, reject) => {
      const apply = (): Response => operation.apply(this.machine, request);
      this.waiting.push({
        code: operation.code,
        payload,
        apply,
        resolve,
        reject,
      });
      this.waitingBytes += payload.length;
      this.running ??= this.run();
    });
  }

  /** Lets what waits finish, and accepts nothing more. */
  async stop(): Promise<void> {
    this.stopped ??= new EtcdError('Stopped');
    await this.running;
  }

  /** While one batch is applied the next is on its way to the disk, and the one after that gathers. */
  private async run(): Promise<void> {
    // What arrives in the same turn of the event loop goes into the same batch.
    await nextTurn();
    let applied = Promise.resolve();
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      this.waitingBytes = 0;
      try {
        await this.journal?.append(batch);
      } catch (error) {
        this.fail(error, batch);
        break;
      }
      await applied;
      applied = this.apply(batch);
      if (this.waiting.length === 0 || this.options.isSnapshotDue()) await applied;
      if (this.options.isSnapshotDue()) this.options.snapshot();
    }
    await applied;
    this.running = undefined;
  }

  /** In slices, so that the first answers are on their way while the others are made. */
  private async apply(batch: readonly Proposal[]): Promise<void> {
    for (const [i, proposal] of batch.entries()) {
      if (i > 0 && i % SLICE === 0) await nextTurn();
      this.settle(proposal);
    }
    this.options.afterBatch();
  }

  private settle(proposal: Proposal): void {
    this.applied += 1n;
    try {
      proposal.resolve(proposal.apply());
    } catch (error) {
      if (!(error instanceof EtcdError)) this.options.onError(error);
      proposal.reject(error);
    }
  }

  private fail(error: unknown, batch: readonly Proposal[]): void {
    this.stopped = error;
    for (const proposal of batch.concat(this.waiting)) proposal.reject(new EtcdError('Stopped'));
    this.waiting = [];
    this.options.onError(error);
  }
}

interface Proposal extends LogEntry {
  apply(): unknown;
  resolve(response: unknown): void;
  reject(error: unknown): void;
}

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
