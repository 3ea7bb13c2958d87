import type { Fetcher } from '@app/fetch';
import type { HostGates } from '../politeness/gates/host-gates.js';
import type { Patience } from '../politeness/gates/host-health.js';
import type { SharedRobots } from '../politeness/robots/shared-robots.js';
import type { Timer } from '../politeness/timer.js';
import type { CrawlStore } from '../store/crawl-store.js';
import type { PageResult } from '../store/frontier.js';
import type { LineWriter } from './log/run-log.js';
import type { RequestSlots } from './run/request-slots.js';

/** What all runs of a process share. */
export interface CrawlParts {
  store: CrawlStore;
  fetchers: Fetchers;
  gates: HostGates;
  robots: SharedRobots;
  slots: RequestSlots;
  patience: Patience;
  timer: Timer;
  /** How many URLs a run may remember. */
  seenCapacity: () => number;
  observer: CrawlObserver;
  /** For people who look after the process. */
  log: CrawlLog;
  /** Of the lines that tasks write into their own logs. */
  writer: LineWriter;
}

export interface Fetchers {
  http: Fetcher;
  /** Undefined: there is no browser here. */
  browser?: Fetcher;
}

export interface CrawlObserver {
  /** A page was settled, and the store knows it. */
  page?(task: string, result: PageResult): void;
  /** A transaction of the store took so long for so many pages. */
  acked?(pageCount: number, tookMs: number): void;
  /** A page waited so long for its turn at its host, from when it was taken out of the frontier. */
  waited?(ms: number): void;
}

export interface CrawlLog {
  warn(fields: object, message: string): void;
}
