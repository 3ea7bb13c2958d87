import type { Parsers } from '@app/extract';
import type { TaskSpec } from '@app/tasks';
import type { CrawlProgress } from '../store/results.js';
import type { CrawledHost } from './crawled-host.js';
import type { HostWait } from './host-wait.js';

/**
 * The engine, as a worker drives it. Whoever calls `run` owns the task at that time and says with the tenure
 * how long that lasts; the engine sends no request and keeps no task going beyond it.
 */
export interface TaskRunner {
  /**
   * Crawls until the run is over or the tenure ends, from where the task stood in the store. Resolves only when
   * nothing of it runs any more. A run that was over already is nothing to do: it gives what came of it. Throws
   * OrbweaverError on what stops the task as a whole (STORE_UNAVAILABLE while it is claimed: later it may go
   * on); a page that fails is no such thing.
   */
  run(task: Task, tenure: Tenure): Promise<RunOutcome>;
  /** What the store remembers of this very run: of this spec, generation, run and retry. Needs no tenure. */
  outcome(task: Task): Promise<{ state: 'done' | 'failed'; reason: string } | undefined>;
  /** Undefined when the store knows no such task. */
  progress(name: string): Promise<CrawlProgress | undefined>;
  /** What a task that runs here waits for, by host, for people to read; empty for one that does not. */
  waits(name: string): HostWait[];
  /** Hosts that a task that runs here is at, at most a hundred; empty for one that does not. */
  hosts(name: string): CrawledHost[];
  /** Of the trace of a run that goes on here; empty when it is not traced, or there is none. */
  traceId(name: string): string;
}

export interface Task {
  name: string;
  /** Tells a resource from an earlier one of the same name, which was deleted: that one's crawl is not gone on with. */
  id: string;
  /** Grows with each change of owner or spec: who holds the greatest one owns the task. */
  epoch: bigint;
  spec: TaskSpec;
  /** Functions of a module that read the pages of some rules. */
  parsers?: Parsers;
  /** Tells one text of the module from another: with other code it is another crawl. */
  fingerprint?: string;
  /** Grows when the crawl is to start over from nothing. */
  generation: number;
  /** From 1; grows with each new run. */
  run: number;
  /** How often failed pages were asked for again. */
  retry: number;
  /** W3C trace context (`traceparent`) of what asked for this run; undefined when that is not traced. */
  traceParent?: string;
}

/** How long a task is one's own. */
export interface Tenure {
  /** Ends it. */
  readonly signal: AbortSignal;
  /**
   * Whether it lasts at this very moment, from the clock: after a pause of the whole process this is false
   * before any timer had the chance to fire the signal.
   */
  holds(): boolean;
}

/** `superseded`: a newer owner has claimed the task. `failed`: no page went well. */
export type RunOutcome = 'done' | 'failed' | 'stopped' | 'superseded';
