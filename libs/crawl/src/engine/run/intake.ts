import type { Timer } from '../../politeness/timer.js';
import type { Claim, Discovery, Frontier } from '../../store/frontier.js';
import { RunHost } from './run-host.js';
import type { Underway } from './underway.js';

export interface IntakeParts {
  frontier: Frontier;
  claim: Claim;
  timer: Timer;
  underway: Underway;
  /** A host is at work from here on. */
  joined: (host: RunHost) => void;
  /** There may be something to begin. */
  news: () => void;
  /** So many pages were left when the frontier was looked at. */
  looked: (unfinishedCount: number) => void;
  /** All that was settled is durable. */
  isSettled: () => boolean;
  /** Nothing is left in the frontier. */
  exhausted: () => void;
}

/**
 * What a run takes from its frontier: a bounded number of hosts, each with a bounded number of pages in hand, so
 * that its memory does not depend on the size of the crawl.
 */
export class Intake {
  readonly #hosts = new Map<string, RunHost>();
  /** The frontier may have hosts that are not at work. */
  #hasNewHosts = true;
  #isLooking = false;
  #takingCount = 0;
  #nextDueAt = Infinity;

  constructor(private readonly parts: IntakeParts) {}

  get hosts(): ReadonlyMap<string, RunHost> {
    return this.#hosts;
  }

  /** When pages that wait for another attempt are due. */
  get nextDueAt(): number {
    return this.#nextDueAt;
  }

  /** The frontier has got it. */
  discovered(discovery: Discovery): void {
    const host = this.#hosts.get(discovery.host);
    if (host === undefined) this.#hasNewHosts = true;
    else host.pages.discovered(discovery);
  }

  /** The frontier has a page that is due then. */
  dueAt(at: number): void {
    this.#nextDueAt = Math.min(this.#nextDueAt, at);
  }

  /** Its pages were settled all at once. */
  drop(host: RunHost): void {
    this.#hosts.delete(host.name);
    this.#hasNewHosts = true;
    this.parts.news();
  }

  /** What was due may be taken, and hosts that are done make room. */
  refresh(now: number): void {
    const isDue = now >= this.#nextDueAt;
    if (isDue) {
      this.#nextDueAt = Infinity;
      this.#hasNewHosts = true;
    }
    for (const host of this.#hosts.values()) {
      if (isDue) host.pages.mayHaveMore();
      if (host.isDone) this.#letGo(host);
    }
  }

  /** Takes as much as there is room for. */
  fill(mayTakePages: boolean): void {
    if (mayTakePages) this.#takeMore();
    if (this.#hasNewHosts && this.#freeCount > 0) this.#look();
  }

  /** When it seems that nothing is left, the frontier is asked. */
  lookIfIdle(): void {
    if (this.#isIdle) this.#look();
  }

  /** How many more hosts there may be at work. */
  get #freeCount(): number {
    let parkedCount = 0;
    for (const { parked } of this.#hosts.values()) if (parked !== undefined) parkedCount++;
    return Math.min(MAX_HOSTS - (this.#hosts.size - parkedCount), MAX_KNOWN - this.#hosts.size);
  }

  get #isIdle(): boolean {
    return (
      this.#hosts.size === 0 &&
      this.parts.isSettled() &&
      !this.#hasNewHosts &&
      !this.#isLooking &&
      this.#nextDueAt === Infinity
    );
  }

  #letGo(host: RunHost): void {
    host.leave();
    this.#hosts.delete(host.name);
  }

  #takeMore(): void {
    let readyCount = 0;
    for (const { pages } of this.#hosts.values()) readyCount += pages.readyCount;
    const othersWait = this.#hasNewHosts && this.#freeCount <= 0;
    for (const host of this.#hosts.values()) {
      if (this.#takingCount >= MAX_TAKES) return;
      const { pages, parked } = host;
      if (parked !== undefined || !pages.wantsMore) continue;
      if (pages.readyCount > 0 && readyCount >= MAX_READY) continue;
      if (othersWait && pages.readyCount + pages.begunCount + host.openCount === 0) {
        // It has had its share; it comes again in its turn, or at once if its pages are the best.
        this.#letGo(host);
        this.parts.news();
      } else this.parts.underway.track(this.#take(host));
    }
  }

  async #take(host: RunHost): Promise<void> {
    const { frontier, claim, underway, news } = this.parts;
    const { pages } = host;
    const { limit } = pages;
    const held = pages.held();
    pages.takes();
    this.#takingCount++;
    const taken = await underway.ask(() => frontier.take(claim, host.name, limit, held));
    this.#takingCount--;
    pages.took(taken, limit, this.parts.timer.now());
    if (host.parked !== undefined) pages.drop();
    news();
  }

  #look(): void {
    if (!this.#isLooking) this.parts.underway.track(this.#findHosts());
  }

  async #findHosts(): Promise<void> {
    const { frontier, claim, timer, underway } = this.parts;
    this.#isLooking = true;
    this.#hasNewHosts = false;
    const limit = this.#freeCount;
    const known = [...this.#hosts.keys()];
    const found = await underway.ask(() => frontier.hosts(claim, known, limit));
    this.#isLooking = false;
    this.parts.news();
    this.#hasNewHosts ||= found === undefined || found.hosts.length >= limit;
    if (found === undefined) return;
    const now = timer.now();
    this.parts.looked(found.unfinishedCount);
    if (found.nextInMs !== undefined) this.dueAt(now + found.nextInMs);
    for (const name of found.hosts) {
      if (this.#hosts.has(name)) continue;
      const host = new RunHost(name);
      this.#hosts.set(name, host);
      this.parts.joined(host);
    }
    if (!this.#isIdle) return;
    if (found.unfinishedCount === 0) this.parts.exhausted();
    else this.#nextDueAt = now + LOOK_AGAIN_MS;
  }
}

/** Hosts of one run that are at work at the same time. */
const MAX_HOSTS = 512;
/** With those that are left alone for a while. */
const MAX_KNOWN = 4_096;
/** Pages of all of them in hand that were not begun. */
const MAX_READY = 20_000;
const MAX_TAKES = 4;
const LOOK_AGAIN_MS = 1_000;
