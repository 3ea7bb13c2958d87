import type { Seat, Turn } from '../../politeness/gates/host-gate.js';
import { RateLimits } from '../../politeness/rate-limits.js';
import type { Claim, PageResult, TakenPage } from '../../store/frontier.js';
import type { LogLine } from '../../store/task-logs.js';
import type { CrawledHost } from '../../task/crawled-host.js';
import type { HostWait } from '../../task/host-wait.js';
import type { Task } from '../../task/task-runner.js';
import type { CrawlParts } from '../crawl-parts.js';
import type { RunLines } from '../log/run-lines.js';
import { unvisited, visit, type VisitTerms } from '../page/visit.js';
import type { RunTrace } from '../trace/run-trace.js';
import { byOrder } from './host-pages.js';
import { Intake } from './intake.js';
import type { Ledger } from './ledger.js';
import type { RunHost } from './run-host.js';
import { FORBIDDEN } from './run-end.js';
import { RunRobots } from './run-robots.js';
import type { StoreLine } from './store-line.js';
import { Underway } from './underway.js';

export interface WorkParts {
  /** Nobody has crawled the task before: its rate limits begin full. */
  isNewTask: boolean;
  line: StoreLine;
  ledger: Ledger;
  terms: VisitTerms;
  lines: RunLines;
  trace: RunTrace;
  /** So many pages were left when the frontier was looked at. */
  looked: (unfinishedCount: number) => void;
  /** Nothing is left in the frontier. */
  exhausted: () => void;
  /** The tenure is over, by the clock. */
  stopped: () => void;
  broken: (error: unknown) => void;
}

/**
 * The hosts that a run is at work at. Whatever happens (a page came, a host is free, the store has answered) makes
 * it look once at all that can be begun.
 */
export class HostsAtWork {
  /** Of pages whose result is on its way into the store. */
  readonly #hostOf = new Map<number, RunHost>();
  readonly #limits: RateLimits;
  readonly #underway: Underway;
  readonly #intake: Intake;
  readonly #robots: RunRobots;
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
    const { line, terms, ledger, stopped, broken, looked, exhausted } = work;
    this.#underway = new Underway({ line, maySend: terms.maySend, stopped, broken });
    this.#intake = new Intake({
      frontier: parts.store.frontier,
      claim,
      timer: parts.timer,
      underway: this.#underway,
      joined: (host) => this.#join(host),
      news: this.#soon,
      looked,
      isSettled: () => ledger.isEmpty,
      exhausted,
    });
    this.#robots = new RunRobots(parts, {
      terms,
      underway: this.#underway,
      lines: work.lines,
      news: this.#soon,
      givenUp: (host, reason) => this.#failHost(host, reason),
    });
  }

  begin(): void {
    this.#pumpSoon();
  }

  /** Nothing is begun any more. */
  end(): void {
    this.#underway.end();
    this.#cancelTimer?.();
    this.parts.slots.forget(this.#soon);
  }

  /** Resolves when nothing of it runs any more. */
  async quiesced(): Promise<void> {
    for (const host of this.#hosts) if (host.openCount === 0) host.leave();
    await this.#underway.quiesced();
    for (const host of this.#hosts) host.leave();
  }

  waits(): HostWait[] {
    const now = this.parts.timer.now();
    const limitMs = this.#limits.waitMs(now);
    return this.#shown.flatMap((host) => host.wait(now, limitMs) ?? []);
  }

  hosts(): CrawledHost[] {
    const now = this.parts.timer.now();
    const limitMs = this.#limits.waitMs(now);
    return this.#shown.map((host) => {
      const { pages, openCount, failureCount } = host;
      return {
        host: host.name,
        inHandCount: pages.readyCount + pages.begunCount,
        openCount,
        ...host.pace(this.task.spec),
        wait: host.wait(now, limitMs),
        failureCount,
        robots: this.#robots.verdict(host),
      };
    });
  }

  get #hosts(): Iterable<RunHost> {
    return this.#intake.hosts.values();
  }

  get #shown(): RunHost[] {
    return [...this.#hosts].slice(0, MAX_SHOWN);
  }

  /** The store knows what came of these pages, and what they discovered. */
  settled(results: readonly PageResult[]): void {
    const now = this.parts.timer.now();
    this.work.trace.stored(results);
    for (const { seq, state, retryInMs, discovered } of results) {
      this.#hostOf.get(seq)?.pages.settled(seq);
      this.#hostOf.delete(seq);
      for (const discovery of discovered) this.#intake.discovered(discovery);
      if (state === 'retry') this.#intake.dueAt(now + retryInMs);
    }
    this.#pumpSoon();
  }

  #pumpSoon(): void {
    if (this.#isPumpDue || this.#underway.isOver) return;
    this.#isPumpDue = true;
    setImmediate(() => {
      this.#isPumpDue = false;
      if (!this.#underway.isOver) this.#pump();
    });
  }

  #pump(): void {
    const { line, ledger } = this.work;
    const now = this.parts.timer.now();
    for (const host of this.#hosts) {
      if (host.parked !== undefined && host.parked.until <= now) this.#join(host);
    }
    this.#intake.refresh(now);
    if (now >= line.tryAt) this.#intake.fill(!ledger.isFull);
    this.#send(now);
    this.#intake.lookIfIdle();
    this.#arm(now);
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
    const able = [...this.#hosts].filter((host) => this.#isAble(host, now));
    if (this.parts.slots.freeCount < able.length || this.task.spec.limits.length > 0) {
      able.sort((a, b) => byOrder(a.pages.head as TakenPage, b.pages.head as TakenPage));
    }
    for (const host of able) this.#want(host);
  }

  #mayBegin(now: number): boolean {
    return !this.#underway.isOver && !this.work.ledger.isFull && this.#limits.waitMs(now) <= 0;
  }

  /** Whether the host has a page that may be fetched. Those that robots.txt forbids are settled without a turn. */
  #isAble(host: RunHost, now: number): boolean {
    const { seat, pages, isWanting, openCount } = host;
    if (seat === undefined || isWanting || openCount >= this.task.spec.concurrency) return false;
    for (let page; (page = pages.head) !== undefined;) {
      const mayFetch = this.#robots.mayFetch(host, page.url, now);
      if (mayFetch !== false) return mayFetch === true;
      pages.begin();
      const line = this.work.lines.forbidden(host.name, page);
      this.#settle(host, unvisited(page, FORBIDDEN), line === undefined ? [] : [line]);
    }
    return false;
  }

  #want(host: RunHost): void {
    host.isWanting = true;
    host.seat?.want();
  }

  /** The gate of a host gives a turn. */
  #offered(host: RunHost, turn: Turn): boolean {
    host.isWanting = false;
    const now = this.parts.timer.now();
    if (!this.#mayBegin(now) || !this.#isAble(host, now) || !this.parts.slots.take(this.#soon)) return false;
    this.parts.observer.waited?.(Math.max(0, now - host.pages.headTakenAt));
    const page = host.pages.begin() as TakenPage;
    this.#limits.take(now);
    host.openCount++;
    this.#underway.track(this.#visit(host, host.seat as Seat, page, turn));
    if (host.pages.wantsMore) this.#pumpSoon();
    this.#goOn(host);
    return true;
  }

  async #visit(host: RunHost, seat: Seat, page: TakenPage, turn: Turn): Promise<void> {
    const { trace, lines } = this.work;
    try {
      const visited = await visit(page, turn, this.work.terms, trace.page(page));
      if (visited === undefined) {
        this.#limits.giveBack();
        host.pages.putBack(page);
        trace.putBack(page);
        if (!this.work.terms.maySend()) this.work.stopped();
      } else if (visited.isUnreachable && seat.isDown) {
        // It is the host that is to blame: the page keeps its attempts.
        host.pages.putBack(page);
        trace.putBack(page);
        const reason = `the host does not answer: ${visited.result.error}`;
        if (seat.isDead(Date.now())) await this.#failHost(host, reason);
      } else {
        const { result, said } = visited;
        this.#settle(host, result, lines.page(host.name, page, result, said));
      }
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

  #settle(host: RunHost, result: PageResult, lines: readonly LogLine[]): void {
    this.#hostOf.set(result.seq, host);
    this.work.trace.settled(result);
    this.work.ledger.add(result, lines);
  }

  /** The host has to be left alone for so long. */
  #paused(host: RunHost, ms: number): void {
    this.#tellHealth(host, ms);
    if (ms < PARK_MS || host.seat === undefined || this.#underway.isOver) return;
    const now = this.parts.timer.now();
    host.park(now + ms, now);
    this.#pumpSoon();
  }

  /** Says how the host is, when that has changed. */
  #tellHealth(host: RunHost, pauseMs: number): void {
    const { seat, toldOf } = host;
    if (seat === undefined) return;
    const { lines } = this.work;
    const trouble = seat.isDown ? 'down' : seat.isAskingForLess ? 'back off' : undefined;
    host.toldOf = trouble;
    if (trouble === 'back off') lines.backsOff(host.name, seat.trouble, pauseMs);
    else if (trouble === 'down' && toldOf !== 'down') lines.isDown(host.name, seat.trouble, pauseMs);
    else if (toldOf !== undefined && seat.failureCount === 0) lines.recovered(host.name);
    else host.toldOf = toldOf;
  }

  async #failHost(host: RunHost, reason: string): Promise<void> {
    host.park(Infinity, this.parts.timer.now());
    const { store, log } = this.parts;
    const count = await this.work.line.insist(() => store.frontier.failHost(this.claim, host.name, reason));
    if (count === undefined) return;
    log.warn({ task: this.task.name, host: host.name, pages: count, reason }, 'host given up');
    this.work.lines.givenUp(host.name, count, reason);
    // What pages that were still open had discovered does not count.
    this.work.ledger.forgetSeen();
    this.#intake.drop(host);
  }

  /** Looks again when the next thing is due. */
  #arm(now: number): void {
    const dueAt = [this.#intake.nextDueAt, this.work.line.tryAt, now + this.#limits.waitMs(now)];
    for (const { parked, askAgainAt } of this.#hosts) dueAt.push(parked?.until ?? askAgainAt);
    let at = Infinity;
    for (const each of dueAt) if (each > now) at = Math.min(at, each);
    this.#cancelTimer?.();
    this.#cancelTimer =
      at === Infinity ? undefined : this.parts.timer.after(Math.max(1, at - now), this.#soon);
  }
}

/** A host that has to be left alone for longer than this makes room for another one. */
const PARK_MS = 5_000;
const MAX_SHOWN = 100;
