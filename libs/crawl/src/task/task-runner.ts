import type { TaskSpec } from '@app/tasks';

/**
 * The engine, as a worker drives it. Whoever calls `run` owns the task at that time and says with the tenure
 * how long that lasts; the engine sends no request and keeps no task going beyond it.
 */
export interface TaskRunner {
  /**
   * Crawls until the task is done or the tenure ends, from where the task stood in the store. Resolves only
   * when nothing of it runs any more. To run a task that is done already is nothing: it is done at once.
   * Throws OrbweaverError on what stops the task as a whole (STORE_UNAVAILABLE: later it may go on); a page
   * that fails is no such thing.
   */
  run(task: Task, tenure: Tenure): Promise<RunOutcome>;
  /** Whether the store remembers this very task, with this spec, as done. Needs no tenure. */
  isDone(task: Task): Promise<boolean>;
  /** Undefined when the store knows no such task. */
  progress(name: string): Promise<TaskProgress | undefined>;
}

export interface Task {
  name: string;
  /** Tells a resource from an earlier one of the same name, which was deleted: that one's crawl is not gone on with. */
  id: string;
  /** Grows with each change of owner or spec: who holds the greatest one owns the task. */
  epoch: bigint;
  spec: TaskSpec;
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

/** `superseded`: a newer owner has claimed the task. */
export type RunOutcome = 'done' | 'stopped' | 'superseded';

export interface TaskProgress {
  state: 'open' | 'done';
  doneCount: number;
  queuedCount: number;
  failedCount: number;
  /** When the present state began, in milliseconds since 1970. */
  sinceAt: number;
  epoch: bigint;
}
