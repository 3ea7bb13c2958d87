import { isOrbweaverError } from '@app/errors';
import type { Seat, Turn } from '../../politeness/gates/host-gate.js';
import { RateLimits } from '../../politeness/rate-limits.js';
import type { Claim, PageResult, TakenPage } from '../../store/frontier.js';
import type { CrawledHost } from '../../task/crawled-host.js';
import type { HostWait } from '../../task/host-wait.js';
import type { Task } from '../../task/task-runner.js';
import type { CrawlParts } from '../crawl-parts.js';
import { unvisited, visit, type VisitTerms } from '../page/visit.js';
import { byOrder } from './host-pages.js';
import type { Ledger } from './ledger.js';
import { RunHost } from './run-host.js';
import { pauseMs, type StoreLine } from './store-line.js';

export interface WorkParts {
  /** Nobody has crawled the task before: its rate limits begin full. */
  isNewTask: boolean;
  line: StoreLine;
  ledger: Ledger;
  terms: VisitTerms;
  /** Nothing is left in the frontier. */
  exhausted: () => void;
  /** The tenure is over, by the clock. */
  stopped: () => void;
  broken: (error: unknown) => void;
}

/**
 * The hosts that a run is at work at: a bounded number, each with a bounded number of pages in hand, so the
 * memory of a run does not depend on the size of its crawl; the rest stays in the frontier. Whatever happens (a
 * page came, a host is free, the store has answered) makes it look once at all that can be begun.
 */
export class HostsAtWork {
  readonly #hosts = new Map<string, RunHost>();
  /** Of pages whose result is on its way into the store. */
  readonly #hostOf = new Map<number, RunHost>();
  readonly #limits: RateLimits;
  readonly #underway = new Set<Promise<void>>();
  #isOver = false;
  /** The frontier may have hosts that are not at work. */
  #hasNewHosts = true;
  #isLooking = false;
  #takingCount = 0;
  /** When pages that wait for another attempt are due. */
  #nextDueAt = Infinity;
  #isPumpDue = false;
  #cancelTimer: (() => void) | undefined;
  readonly #soon = (): void => this.#pumpSoon();

  constructor(
    private readonly parts: CrawlParts,
    private readonly task: Task,
    private readonly claim: Claim,
    private readonly work: WorkParts,
  ) {
    const fill = work.isNewTask ? 'full' : 'empty';
    this.#limits = new RateLimits(task.spec.limits, parts.timer.now(), fill);
  }

  begin(): void {
    this.#pumpSoon();
  }

  /** Nothing is begun any more. */
  end(): void {
    this.#isOver = true;
    this.#cancelTimer?.();
    this.parts.slots.forget(this.#soon);
  }

  /** Resolves when nothing of it runs any more. */
  async quiesced(): Promise<void> {
    for (const host of this.#hosts.values()) if (host.openCount === 0) host.leave();
    while (this.#underway.size > 0) await Promise.all(this.#underway);
    for (const host of this.#hosts.values()) host.leave();
  }

  waits(): HostWait[] {
    const now = this.parts.timer.now();
    const limitMs = this.#limits.waitMs(now);
    return this.#shown.flatMap((host) => host.wait(now, limitMs) ?? []);
  }

  hosts(): CrawledHost[] {
    const now = this.parts.timer.now();
    const limitMs = this.#limits.waitMs(now);
    const { spec } = this.task;
    return this.#shown.map((host) => {
      const { name, pages, openCount, failureCount, seat, origin } = host;
      const delayMs = seat?.terms.delayMs ?? spec.delayMs;
      const robots =
        spec.robots === 'ignore'
          ? 'ignored'
          : (this.parts.robots.peek(origin)?.verdict(spec.userAgent) ?? 'unknown');
      return {
        host: name,
        inHandCount: pages.readyCount + pages.begunCount,
        openCount,
        delayMs,
        concurrency: delayMs > 0 || spec.waitTimeMs > 0 ? 1 : spec.concurrency,
        wait: host.wait(now, limitMs),
        failureCount,
        robots,
      };
    });
  }

  get #shown(): RunHost[] {
    return [...this.#hosts.values()].slice(0, MAX_SHOWN);
  }

  /** The store knows what came of these pages, and what they discovered. */
  settled(results: readonly PageResult[]): void {
    const now = this.parts.timer.now();
    for (const { seq, state, retryInMs, discovered } of results) {
      this.#hostOf.get(seq)?.pages.settled(seq);
      this.#hostOf.delete(seq);
      for (const discovery of discovered) {
        const host = this.#hosts.get(discovery.host);
        if (host === undefined) this.#hasNewHosts = true;
        else host.pages.discovered(discovery);
      }
      if (state === 'retry') this.#nextDueAt = Math.min(this.#nextDueAt, now + retryInMs);
    }
    this.#pumpSoon();
  }

  #pumpSoon(): void {
    if (this.#isPumpDue || this.#isOver) return;
    this.#isPumpDue = true;
    setImmediate(() => {
      this.#isPumpDue = false;
      if (!this.#isOver) this.#pump();
    });
  }

  #pump(): void {
    const { line, ledger } = this.work;
    const now = this.parts.timer.now();
    this.#wake(now);
    this.#letGo();
    if (now >= line.tryAt) {
      if (!ledger.isFull) this.#takeMore();
      if (this.#hasNewHosts && this.#freeHosts > 0) this.#look();
    }
    this.#send(now);
    if (this.#isIdle) this.#look();
    this.#arm(now);
  }

  /** What has come to its time. */
  #wake(now: number): void {
    if (now >= this.#nextDueAt) {
      this.#nextDueAt = Infinity;
      this.#hasNewHosts = true;
      for (const { pages } of this.#hosts.values()) pages.mayHaveMore();
    }
    for (const host of this.#hosts.values()) {
      if (host.parked !== undefined && host.parked.until <= now) this.#join(host);
    }
  }

  #letGo(): void {
    for (const host of this.#hosts.values()) {
      if (!host.isDone) continue;
      host.leave();
      this.#hosts.delete(host.name);
    }
  }

  /** How many more hosts there may be at work. */
  get #freeHosts(): number {
    let parkedCount = 0;
    for (const { parked } of this.#hosts.values()) if (parked !== undefined) parkedCount++;
    return Math.min(MAX_HOSTS - (this.#hosts.size - parkedCount), MAX_KNOWN - this.#hosts.size);
  }

  /** Whether it seems that nothing is left. */
  get #isIdle(): boolean {
    return (
      this.#hosts.size === 0 &&
      this.work.ledger.isEmpty &&
      !this.#hasNewHosts &&
      !this.#isLooking &&
      this.#nextDueAt === Infinity
    );
  }

  #takeMore(): void {
    let readyCount = 0;
    for (const { pages } of this.#hosts.values()) readyCount += pages.readyCount;
    const othersWait = this.#hasNewHosts && this.#freeHosts <= 0;
    for (const host of this.#hosts.values()) {
      if (this.#takingCount >= MAX_TAKES) return;
      const { pages, parked } = host;
      if (parked !== undefined || !pages.wantsMore) continue;
      if (pages.readyCount > 0 && readyCount >= MAX_READY) continue;
      if (othersWait && pages.readyCount + pages.begunCount + host.openCount === 0) {
        // It has had its share; it comes again in its turn, or at once if its pages are the best.
        host.leave();
        this.#hosts.delete(host.name);
        this.#pumpSoon();
      } else this.#track(this.#take(host));
    }
  }

  async #take(host: RunHost): Promise<void> {
    const { pages } = host;
    const { limit } = pages;
    const held = pages.held();
    pages.takes();
    this.#takingCount++;
    const { frontier } = this.parts.store;
    const taken = await this.#ask(() => frontier.take(this.claim, host.name, limit, held));
    this.#takingCount--;
    pages.took(taken, limit);
    if (host.parked !== undefined) pages.drop();
    this.#pumpSoon();
  }

  #look(): void {
    if (!this.#isLooking) this.#track(this.#findHosts());
  }

  async #findHosts(): Promise<void> {
    this.#isLooking = true;
    this.#hasNewHosts = false;
    const limit = this.#freeHosts;
    const known = [...this.#hosts.keys()];
    const { frontier } = this.parts.store;
    const found = await this.#ask(() => frontier.hosts(this.claim, known, limit));
    this.#isLooking = false;
    this.#pumpSoon();
    this.#hasNewHosts ||= found === undefined || found.hosts.length >= limit;
    if (found === undefined) return;
    const now = this.parts.timer.now();
    if (found.nextInMs !== undefined) this.#nextDueAt = Math.min(this.#nextDueAt, now + found.nextInMs);
    for (const name of found.hosts) {
      if (this.#hosts.has(name)) continue;
      const host = new RunHost(name);
      this.#hosts.set(name, host);
      this.#join(host);
    }
    if (!this.#isIdle) return;
    if (found.unfinishedCount === 0) this.work.exhausted();
    else this.#nextDueAt = now + LOOK_AGAIN_MS;
  }

  #join(host: RunHost): void {
    const { delayMs, waitTimeMs, concurrency } = this.task.spec;
    host.parked = undefined;
    host.seat = this.parts.gates.join(
      host.name,
      { delayMs, waitTimeMs, concurrency },
      { offer: (turn) => this.#offered(host, turn), paused: (ms) => this.#paused(host, ms) },
    );
  }

  /** Says at the gates which pages could be fetched now: the best first, where not all can be. */
  #send(now: number): void {
    if (!this.#mayBegin(now)) return;
    const able = [...this.#hosts.values()].filter((host) => this.#isAble(host, now));
    if (this.parts.slots.freeCount < able.length || this.task.spec.limits.length > 0) {
      able.sort((a, b) => byOrder(a.pages.head as TakenPage, b.pages.head as TakenPage));
    }
    for (const host of able) this.#want(host);
  }

  #mayBegin(now: number): boolean {
    return !this.#isOver && !this.work.ledger.isFull && this.#limits.waitMs(now) <= 0;
  }

  /** Whether the host has a page that may be fetched. Those that robots.txt forbids are settled without a turn. */
  #isAble(host: RunHost, now: number): boolean {
    const { seat, pages, isWanting, openCount } = host;
    if (seat === undefined || isWanting || openCount >= this.task.spec.concurrency) return false;
    for (let page; (page = pages.head) !== undefined;) {
      const mayFetch = this.#mayFetch(host, page, now);
      if (mayFetch !== false) return mayFetch === true;
      pages.begin();
      this.#settle(host, unvisited(page, 'robots.txt disallows it'));
    }
    return false;
  }

  #want(host: RunHost): void {
    host.isWanting = true;
    host.seat?.want();
  }

  /** Undefined: that is being found out. */
  #mayFetch(host: RunHost, { url }: TakenPage, now: number): boolean | undefined {
    const { robots, userAgent } = this.task.spec;
    if (robots === 'ignore') return true;
    const origin = url.slice(0, url.indexOf('/', url.indexOf('://') + 3));
    host.origin = origin;
    const rules = this.parts.robots.peek(origin);
    if (rules === undefined) {
      if (!host.isAsking && now >= host.askAgainAt) this.#track(this.#askRobots(host, origin));
      return undefined;
    }
    host.seat?.atLeast(rules.crawlDelayMs(userAgent));
    return rules.allows(url, userAgent);
  }

  async #askRobots(host: RunHost, origin: string): Promise<void> {
    const { spec, signal, maySend } = this.work.terms;
    const { timer, robots, patience } = this.parts;
    const { delayMs, waitTimeMs, userAgent, timeoutMs, proxies } = spec;
    const seat = { delayMs, waitTimeMs, concurrency: 1 };
    host.isAsking = true;
    const answer = await this.#ask(() =>
      robots.rulesOf(origin, { ...seat, userAgent, timeoutMs, proxies, signal, maySend }),
    );
    host.isAsking = false;
    this.#pumpSoon();
    if (answer === undefined || 'rules' in answer) return;
    const { tries, sinceAt, unknown } = answer;
    host.askAgainAt = timer.now() + pauseMs(tries);
    if (tries >= patience.probes && Date.now() - sinceAt >= patience.deadAfterMs) {
      await this.#failHost(host, `${unknown}, so it is not known what may be fetched`);
    }
  }

  /** The gate of a host gives a turn. */
  #offered(host: RunHost, turn: Turn): boolean {
    host.isWanting = false;
    const now = this.parts.timer.now();
    if (!this.#mayBegin(now) || !this.#isAble(host, now) || !this.parts.slots.take(this.#soon)) return false;
    const page = host.pages.begin() as TakenPage;
    this.#limits.take(now);
    host.openCount++;
    this.#track(this.#visit(host, host.seat as Seat, page, turn));
    if (host.pages.wantsMore) this.#pumpSoon();
    this.#goOn(host);
    return true;
  }

  async #visit(host: RunHost, seat: Seat, page: TakenPage, turn: Turn): Promise<void> {
    try {
      const visited = await visit(page, turn, this.work.terms);
      if (visited === undefined) {
        this.#limits.giveBack();
        host.pages.putBack(page);
        if (!this.work.terms.maySend()) this.work.stopped();
      } else if (visited.isUnreachable && seat.isDown) {
        // It is the host that is to blame: the page keeps its attempts.
        host.pages.putBack(page);
        const reason = `the host does not answer: ${visited.result.error}`;
        if (seat.isDead(Date.now())) await this.#failHost(host, reason);
      } else this.#settle(host, visited.result);
    } finally {
      host.openCount--;
      if (host.parked !== undefined) host.pages.drop();
      this.parts.slots.free();
      this.#goOn(host);
    }
  }

  /** The next page of a host that was just at it; else whatever can be begun. */
  #goOn(host: RunHost): void {
    const now = this.parts.timer.now();
    if (this.#mayBegin(now) && this.#isAble(host, now)) this.#want(host);
    else this.#pumpSoon();
  }

  #settle(host: RunHost, result: PageResult): void {
    this.#hostOf.set(result.seq, host);
    this.work.ledger.add(result);
  }

  /** The host has to be left alone for so long. */
  #paused(host: RunHost, ms: number): void {
    if (ms < PARK_MS || host.seat === undefined || this.#isOver) return;
    const now = this.parts.timer.now();
    host.park(now + ms, now);
    this.#pumpSoon();
  }

  async #failHost(host: RunHost, reason: string): Promise<void> {
    host.park(Infinity, this.parts.timer.now());
    const { store, log } = this.parts;
    const count = await this.work.line.insist(() => store.frontier.failHost(this.claim, host.name, reason));
    if (count === undefined) return;
    log.warn({ task: this.task.name, host: host.name, pages: count, reason }, 'host given up');
    // What pages that were still open had discovered does not count.
    this.work.ledger.forgetSeen();
    this.#hosts.delete(host.name);
    this.#hasNewHosts = true;
    this.#pumpSoon();
  }

  /** Undefined when the store does not answer, or the right to send is over: then it is tried again, or was all. */
  async #ask<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await this.work.line.ask(call);
    } catch (error) {
      if (this.#isOver) return undefined;
      if (!isOrbweaverError(error, 'CANCELLED')) throw error;
      if (!this.work.terms.maySend()) this.work.stopped();
      return undefined;
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.catch(this.work.broken).finally(() => this.#underway.delete(tracked));
    this.#underway.add(tracked);
  }

  /** Looks again when the next thing is due. */
  #arm(now: number): void {
    const dueAt = [this.#nextDueAt, this.work.line.tryAt, now + this.#limits.waitMs(now)];
    for (const { parked, askAgainAt } of this.#hosts.values()) dueAt.push(parked?.until ?? askAgainAt);
    let at = Infinity;
    for (const each of dueAt) if (each > now) at = Math.min(at, each);
    this.#cancelTimer?.();
    this.#cancelTimer =
      at === Infinity ? undefined : this.parts.timer.after(Math.max(1, at - now), this.#soon);
  }
}

/** Hosts of one run that are at work at the same time. */
const MAX_HOSTS = 512;
/** With those that are left alone for a while. */
const MAX_KNOWN = 4_096;
/** Pages of all of them in hand that were not begun. */
const MAX_READY = 20_000;
const MAX_TAKES = 4;
/** A host that has to be left alone for longer than this makes room for another one. */
const PARK_MS = 5_000;
const LOOK_AGAIN_MS = 1_000;
const MAX_SHOWN = 100;
