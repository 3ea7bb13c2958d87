import type { HostWait } from './host-wait.js';

/** A host that a running task has pages of in hand, for people to see. */
export interface CrawledHost {
  host: string;
  /** Pages that were taken, and those of them that are asked for right now. */
  inHandCount: number;
  openCount: number;
  /** Between two requests, as the task and the host's robots.txt want it; and how many may be open at once. */
  delayMs: number;
  concurrency: number;
  /** Why it is not asked right now; undefined when it is, or may be. */
  wait: HostWait | undefined;
  /** How often in a row it did not answer. */
  failureCount: number;
  robots: 'allows' | 'forbids some' | 'forbids all' | 'none' | 'unknown' | 'ignored';
}
