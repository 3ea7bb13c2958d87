import { setMaxListeners } from 'node:events';
import { isOrbweaverError, OrbweaverError } from '@app/errors';
import type { CompiledTask } from '@app/extract';
import { urlScope } from '@app/tasks';
import type { Claim } from '../../store/frontier.js';
import type { CrawledHost } from '../../task/crawled-host.js';
import type { HostWait } from '../../task/host-wait.js';
import type { RunOutcome, Task, Tenure } from '../../task/task-runner.js';
import type { CrawlParts } from '../crawl-parts.js';
import { RunLines } from '../log/run-lines.js';
import { RunLog } from '../log/run-log.js';
import { RunTrace } from '../trace/run-trace.js';
import { HostsAtWork } from './hosts-at-work.js';
import { Ledger } from './ledger.js';
import { runEndOf } from './run-end.js';
import { RunMemory } from './run-memory.js';
import { isLater, StoreLine } from './store-line.js';

/** Why nothing is begun any more. */
type Over =
  | { kind: 'stopped' }
  /** `reason`: the bound that was reached; empty when the frontier is. */
  | { kind: 'ended'; reason: string }
  | { kind: 'broken'; error: unknown };

/** One run of a task by one owner, from its claim to its end or to the end of the tenure. */
export class Run {
  readonly #line: StoreLine;
  readonly #ledger: Ledger;
  readonly #memory: RunMemory;
  readonly #hosts: HostsAtWork;
  readonly #trace: RunTrace;
  readonly #log: RunLog;
  readonly #lines: RunLines;
  #hasBegun = false;
  readonly #abort = new AbortController();
  #whenOver!: (over: Over) => void;
  readonly #isOver = new Promise<Over>((resolve) => (this.#whenOver = resolve));

  constructor(
    private readonly parts: CrawlParts,
    private readonly task: Task,
    private readonly claim: Claim,
    specHash: string,
    compiled: CompiledTask,
    private readonly tenure: Tenure,
  ) {
    const { timer, fetchers, writer } = parts;
    const { spec, epoch, run, retry } = task;
    const fetcher = fetchers[spec.fetcher];
    if (fetcher === undefined) throw new OrbweaverError('FAILED_PRECONDITION', 'this worker has no browser');
    const troubled = (error: unknown): void => this.#warn(error);
    this.#line = new StoreLine({ timer, tenure, troubled });
    this.#memory = new RunMemory(claim.memory, { ...claim, retry: task.retry }, spec);
    this.#ledger = new Ledger(parts, task, claim, this.#memory, {
      settled: (results) => this.#hosts.settled(results),
      full: (reason) => this.#end({ kind: 'ended', reason }),
      broken: (error) => this.#end({ kind: 'broken', error }),
      troubled,
      lines: () => this.#lines,
    });
    this.#trace = new RunTrace(task);
    this.#log = new RunLog({
      writer,
      timer,
      epoch,
      traceId: () => this.#trace.traceId,
      keep: (line) => this.#ledger.say(line),
    });
    this.#lines = new RunLines(this.#log, { run, retry, specHash });
    const { signal } = this.#abort;
    // One for each open request: no leak.
    setMaxListeners(0, signal);
    this.#hosts = new HostsAtWork(parts, task, claim, {
      isNewTask: this.#memory.isNew,
      line: this.#line,
      ledger: this.#ledger,
      terms: {
        spec,
        fetcher,
        compiled,
        cookies: this.#memory.cookies,
        isInScope: urlScope(spec),
        hasRoom: () => this.#ledger.hasRoom,
        isNews: (url) => this.#ledger.isNews(url),
        signal,
        maySend: () => tenure.holds(),
      },
      lines: this.#lines,
      trace: this.#trace,
      looked: (unfinishedCount) => this.#began(unfinishedCount),
      exhausted: () => this.#end({ kind: 'ended', reason: '' }),
      stopped: () => this.#end({ kind: 'stopped' }),
      broken: (error) => this.#end({ kind: 'broken', error }),
    });
  }

  async crawl(): Promise<RunOutcome> {
    const { signal } = this.tenure;
    const stop = (): void => this.#end({ kind: 'stopped' });
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const cancelLimit = this.#limitDuration();
    try {
      this.#hosts.begin();
      const over = await this.#isOver;
      await this.#hosts.quiesced();
      const outcome = await this.#conclude(over);
      this.#trace.end(outcome);
      return outcome;
    } catch (error) {
      this.#trace.end('broken', error as Error);
      throw error;
    } finally {
      this.#log.flush();
      cancelLimit();
      signal.removeEventListener('abort', stop);
    }
  }

  waits(): HostWait[] {
    const ofStore = this.#ledger.wait() ?? this.#line.wait();
    const ofHosts = this.#hosts.waits();
    return ofStore === undefined ? ofHosts : [ofStore, ...ofHosts];
  }

  /** Empty when it is not traced. */
  get traceId(): string {
    return this.#trace.traceId;
  }

  hosts(): CrawledHost[] {
    return this.#hosts.hosts();
  }

  #limitDuration(): () => void {
    const { maxDurationMs } = this.task.spec;
    if (maxDurationMs === undefined) return () => {};
    const reason = `it has run for ${maxDurationMs / 1_000} s, as long as it may`;
    const leftMs = Math.max(0, maxDurationMs - this.#memory.spentMs);
    return this.parts.timer.after(leftMs, () => this.#end({ kind: 'ended', reason }));
  }

  /** The first reason counts. */
  #end(over: Over): void {
    this.#hosts.end();
    // A bound that is reached lets come what is on its way.
    if (over.kind !== 'ended') this.#abort.abort();
    this.#whenOver(over);
  }

  async #conclude(over: Over): Promise<RunOutcome> {
    if (over.kind === 'broken') {
      await this.#keepLines(over.error);
      throw over.error;
    }
    const { frontier, results } = this.parts.store;
    this.#log.flush();
    if (over.kind === 'ended') {
      const { spentMs } = this.#ledger;
      const outcome = await this.#line.insist(async () => {
        await this.#ledger.flush();
        const run = { hasGood: this.#memory.hasGood, reason: over.reason, endedAt: Date.now() };
        const progress = await results.progress(this.task.name);
        const end = await runEndOf(this.task.name, this.task.spec, run, progress, results);
        const line = this.#lines.over(end, spentMs, progress);
        await frontier.finish(this.claim, line === undefined ? end : { ...end, lines: [line] });
        return end.state;
      });
      if (outcome !== undefined) return outcome;
    }
    this.#lines.stops();
    try {
      await this.#ledger.flush();
      await frontier.release(this.claim);
    } catch (error) {
      // What the store cannot be told is queued there, whoever goes on.
      if (!isLater(error)) throw error;
    }
    return 'stopped';
  }

  /** The frontier has answered for the first time. */
  #began(queuedCount: number): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#lines.began(queuedCount, this.#memory.leftBy);
  }

  /** What was said and could not be written with the pages, unless the task is somebody else's by now. */
  async #keepLines(error: unknown): Promise<void> {
    this.#lines.broke(error);
    this.#log.flush();
    const lines = await this.#ledger.close();
    if (isOrbweaverError(error, 'SUPERSEDED')) return;
    const { store, log } = this.parts;
    const { name } = this.task;
    try {
      await store.logs.append(name, lines);
    } catch (lost) {
      log.warn({ task: name, error: String(lost) }, 'the last lines of the log of a task are lost');
    }
  }

  #warn(error: unknown): void {
    this.parts.log.warn(
      { task: this.task.name, error: String(error) },
      'the store does not answer, tried again',
    );
  }
}
