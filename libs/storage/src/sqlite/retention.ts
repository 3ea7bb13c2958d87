import type { LogLimits } from '@app/crawl';

/** How much a store keeps of what is only for people to read. Goes to the thread, which loads nothing of the engine. */
export interface Retention {
  log: LogLimits;
  history: { stepMs: number; stepCount: number };
}
