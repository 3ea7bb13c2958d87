import { setMaxListeners } from 'node:events';
import { isOrbweaverError, OrbweaverError } from '@app/errors';
import type { CompiledTask } from '@app/extract';
import { urlScope } from '@app/tasks';
import type { Seat, Turn } from '../../politeness/gates/host-gate.js';
import { RateLimits } from '../../politeness/rate-limits.js';
import type { AckAnswer, AckBatch, Claim, PageResult, TakenPage } from '../../store/frontier.js';
import type { HostWait } from '../../task/host-wait.js';
import type { RunOutcome, Task } from '../../task/task-runner.js';
import type { Tenure } from '../../task/task-runner.js';
import type { CrawlParts } from '../crawl-parts.js';
import { unvisited, visit, type VisitTerms } from '../page/visit.js';
import { AckBuffer } from './ack-buffer.js';
import { byOrder } from './host-pages.js';
import { RunHost } from './run-host.js';
import { runEndOf } from './run-end.js';
import { RunMemory } from './run-memory.js';
import { SeenUrls } from './seen-urls.js';

/** Why nothing is begun any more. */
type Over =
  | { kind: 'stopped' }
  /** `reason`: the bound that was reached; empty when the frontier is. */
  | { kind: 'ended'; reason: string }
  | { kind: 'broken'; error: unknown };

/**
 * One run of a task by one owner. It has a bounded number of hosts at work, each with a bounded number of pages
 * in hand, so its memory does not depend on the size of the crawl; the rest stays in the frontier. Whatever
 * happens (a page came, a host is free, the store has answered) makes it look once at all that can be begun.
 */
export class Run {
  readonly #hosts = new Map<string, RunHost>();
  readonly #hostOf = new Map<number, RunHost>();
  readonly #acks: AckBuffer;
  readonly #memory: RunMemory;
  readonly #limits: RateLimits;
  readonly #seen: SeenUrls;
  readonly #terms: VisitTerms;
  readonly #abort = new AbortController();
  readonly #underway = new Set<Promise<void>>();
  readonly #startedAt: number;
  #room: number;
  #itemCount: number;
  #savedAt: number;
  #over: Over | undefined;
  #whenOver!: (over: Over) => void;
  readonly #isOver = new Promise<Over>((resolve) => (this.#whenOver = resolve));
  /** The frontier may have hosts that are not at work. */
  #hasNewHosts = true;
  #isLooking = false;
  #takingCount = 0;
  /** When pages that wait for another attempt are due. */
  #nextDueAt = Infinity;
  #storeFailures = 0;
  #tryStoreAt = -Infinity;
  #isPumpDue = false;
  #cancelTimer: (() => void) | undefined;
  readonly #pumpSoon = (): void => this.#soon();

  constructor(
    private readonly parts: CrawlParts,
    private readonly task: Task,
    private readonly claim: Claim,
    compiled: CompiledTask,
    private readonly tenure: Tenure,
  ) {
    const { timer, store, fetchers } = parts;
    const { spec } = task;
    const fetcher = fetchers[spec.fetcher];
    if (fetcher === undefined) throw new OrbweaverError('FAILED_PRECONDITION', 'this worker has no browser');
    this.#memory = new RunMemory(claim.memory, { ...claim, retry: task.retry }, spec);
    this.#limits = new RateLimits(spec.limits, timer.now(), this.#memory.isNew ? 'full' : 'empty');
    this.#seen = new SeenUrls(parts.seenCapacity);
    this.#startedAt = this.#savedAt = timer.now();
    this.#room = claim.room;
    this.#itemCount = claim.itemCount;
    this.#acks = new AckBuffer({
      ack: (batch) => store.frontier.ack(claim, batch),
      prepare: (results) => this.#prepare(results),
      acked: (results, answer, tookMs) => this.#acked(results, answer, tookMs),
      failed: (error) => this.#end({ kind: 'broken', error }),
      troubled: (error) => this.#warn(error),
      timer,
    });
    this.#terms = {
      spec,
      fetcher,
      compiled,
      cookies: this.#memory.cookies,
      isInScope: urlScope(spec),
      hasRoom: () => this.#room > 0,
      isNews: (url) => this.#seen.isNews(url),
      signal: this.#abort.signal,
      maySend: () => tenure.holds(),
    };
    // One for each open request: no leak.
    setMaxListeners(0, this.#abort.signal);
  }

  async crawl(): Promise<RunOutcome> {
    const { signal } = this.tenure;
    const stop = (): void => this.#end({ kind: 'stopped' });
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const { maxDurationMs } = this.task.spec;
    const cancelEnd =
      maxDurationMs === undefined
        ? () => {}
        : this.parts.timer.after(Math.max(0, maxDurationMs - this.#memory.spentMs), () =>
            this.#end({
              kind: 'ended',
              reason: `it has run for ${maxDurationMs / 1_000} s, as long as it may`,
            }),
          );
    try {
      this.#soon();
      const over = await this.#isOver;
      await this.#quiesce();
      return await this.#conclude(over);
    } finally {
      cancelEnd();
      signal.removeEventListener('abort', stop);
    }
  }

  waits(): HostWait[] {
    const now = this.parts.timer.now();
    const limitMs = this.#limits.waitMs(now);
    return [...this.#hosts.values()].slice(0, MAX_WAITS_SHOWN).flatMap((host) => {
      const wait = host.wait(now);
      if (wait !== undefined) return wait;
      if (host.isWanting || host.pages.head === undefined) return [];
      return { host: host.name, for: limitMs > 0 ? 'limit' : 'requests', forMs: limitMs, reason: '' };
    });
  }

  #end(over: Over): void {
    if (this.#over !== undefined) return;
    this.#over = over;
    // A bound that is reached lets come what is on its way.
    if (over.kind !== 'ended') this.#abort.abort();
    this.#whenOver(over);
  }

  /** Waits until nothing of it runs any more. */
  async #quiesce(): Promise<void> {
    this.#cancelTimer?.();
    this.parts.slots.forget(this.#pumpSoon);
    for (const host of this.#hosts.values()) if (host.openCount === 0) host.leave();
    while (this.#underway.size > 0) await Promise.all(this.#underway);
    for (const host of this.#hosts.values()) host.leave();
  }

  async #conclude(over: Over): Promise<RunOutcome> {
    if (over.kind === 'broken') throw over.error;
    const { frontier, results } = this.parts.store;
    this.#savedAt = -Infinity;
    if (over.kind === 'ended') {
      const outcome = await this.#insist(async () => {
        await this.#acks.flush();
        const run = { hasGood: this.#memory.hasGood, reason: over.reason, endedAt: Date.now() };
        const end = await runEndOf(this.task.name, this.task.spec, run, results);
        await frontier.finish(this.claim, end);
        return end.state;
      });
      if (outcome !== undefined) return outcome;
    }
    // What the store cannot be told is queued there, whoever goes on.
    const give = async (): Promise<void> => {
      await this.#acks.flush();
      await frontier.release(this.claim);
    };
    await give().catch((error: unknown) => {
      if (!isLater(error)) throw error;
    });
    return 'stopped';
  }

  /** Until the store answers or the tenure ends. */
  async #insist<T>(call: () => Promise<T>): Promise<T | undefined> {
    for (let failures = 0; this.tenure.holds(); failures++) {
      try {
        return await call();
      } catch (error) {
        if (!isLater(error)) throw error;
        this.#warn(error);
        await new Promise<void>((resolve) => {
          const { signal } = this.tenure;
          const cancel = this.parts.timer.after(pauseMs(failures), done);
          signal.addEventListener('abort', done, { once: true });
          function done(): void {
            cancel();
            signal.removeEventListener('abort', done);
            resolve();
          }
        });
      }
    }
    return undefined;
  }

  /** The clock may say so before the signal does. */
  #checkTenure(): void {
    if (!this.tenure.holds()) this.#end({ kind: 'stopped' });
  }

  #soon(): void {
    if (this.#isPumpDue || this.#over !== undefined) return;
    this.#isPumpDue = true;
    setImmediate(() => {
      this.#isPumpDue = false;
      if (this.#over === undefined) this.#pump();
    });
  }

  #pump(): void {
    const now = this.parts.timer.now();
    this.#wake(now);
    let active = 0;
    let readyCount = 0;
    for (const host of this.#hosts.values()) {
      if (host.isDone) {
        host.leave();
        this.#hosts.delete(host.name);
      } else if (host.parked === undefined) {
        active++;
        readyCount += host.pages.readyCount;
      }
    }
    if (now >= this.#tryStoreAt) {
      this.#takeMore(readyCount, active);
      const isFull = active >= MAX_HOSTS || this.#hosts.size >= MAX_KNOWN;
      if (this.#hasNewHosts && !this.#isLooking && !isFull) this.#underTrack(this.#look(active));
    }
    this.#send(now);
    const isIdle = this.#hosts.size === 0 && this.#acks.isEmpty && !this.#hasNewHosts && !this.#isLooking;
    if (isIdle && this.#nextDueAt === Infinity) this.#underTrack(this.#look(0));
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
      if (host.parked === undefined || host.parked.until > now) continue;
      host.parked = undefined;
      this.#join(host);
    }
  }

  #join(host: RunHost): void {
    const { delayMs, waitTimeMs, concurrency } = this.task.spec;
    host.seat = this.parts.gates.join(
      host.name,
      { delayMs, waitTimeMs, concurrency },
      { offer: (turn) => this.#offered(host, turn), paused: (ms) => this.#paused(host, ms) },
    );
  }

  #takeMore(readyCount: number, active: number): void {
    if (this.#acks.isFull) return;
    const mayHold = MAX_READY - readyCount;
    for (const host of this.#hosts.values()) {
      if (this.#takingCount >= MAX_TAKES) return;
      const { pages, parked } = host;
      if (parked !== undefined || !pages.wantsMore) continue;
      if (pages.readyCount > 0 && mayHold <= 0) continue;
      // Others have waited for long enough, if this is not the best of all.
      if (
        active >= MAX_HOSTS &&
        this.#hasNewHosts &&
        pages.readyCount + pages.begunCount + host.openCount === 0
      ) {
        host.leave();
        this.#hosts.delete(host.name);
        this.#soon();
      } else this.#underTrack(this.#take(host));
    }
  }

  async #take(host: RunHost): Promise<void> {
    const { pages } = host;
    const { limit } = pages;
    const held = pages.held();
    pages.takes();
    this.#takingCount++;
    const taken = await this.#ask(() => this.parts.store.frontier.take(this.claim, host.name, limit, held));
    this.#takingCount--;
    pages.took(taken, limit);
    if (host.parked !== undefined) pages.drop();
    this.#soon();
  }

  /** Asks the frontier for hosts; ends the run when there is nothing left. */
  async #look(active: number): Promise<void> {
    this.#isLooking = true;
    this.#hasNewHosts = false;
    const limit = MAX_HOSTS - active;
    const known = [...this.#hosts.keys()];
    const found = await this.#ask(() => this.parts.store.frontier.hosts(this.claim, known, limit));
    this.#isLooking = false;
    this.#soon();
    if (found === undefined) {
      this.#hasNewHosts = true;
      return;
    }
    const now = this.parts.timer.now();
    if (found.nextInMs !== undefined) this.#nextDueAt = Math.min(this.#nextDueAt, now + found.nextInMs);
    if (found.hosts.length >= limit) this.#hasNewHosts = true;
    for (const name of found.hosts) {
      if (this.#hosts.has(name)) continue;
      const host = new RunHost(name);
      this.#hosts.set(name, host);
      this.#join(host);
    }
    const isQuiet = this.#hosts.size === 0 && this.#acks.isEmpty && !this.#hasNewHosts;
    if (isQuiet && found.unfinishedCount === 0) this.#end({ kind: 'ended', reason: '' });
    else if (isQuiet && this.#nextDueAt === Infinity) this.#nextDueAt = now + LOOK_AGAIN_MS;
  }

  /** Says at the gates which pages could be fetched now: the best first, where not all can be. */
  #send(now: number): void {
    if (this.#acks.isFull || this.#limits.waitMs(now) > 0) return;
    const able = [...this.#hosts.values()].filter((host) => this.#isAble(host, now));
    if (this.parts.slots.freeCount < able.length || this.task.spec.limits.length > 0) {
      able.sort((a, b) => byOrder(a.pages.head as TakenPage, b.pages.head as TakenPage));
    }
    for (const host of able) this.#want(host);
  }

  #isAble(host: RunHost, now: number): boolean {
    const { seat, pages, isWanting, openCount } = host;
    if (seat === undefined || isWanting || openCount >= this.task.spec.concurrency) return false;
    this.#dropForbidden(host, now);
    return pages.head !== undefined && this.#mayFetch(host, pages.head, now) === true;
  }

  #want(host: RunHost): void {
    host.isWanting = true;
    host.seat?.want();
  }

  /** Pages that robots.txt forbids are settled without a turn. */
  #dropForbidden(host: RunHost, now: number): void {
    const { pages } = host;
    while (pages.head !== undefined && this.#mayFetch(host, pages.head, now) === false) {
      const page = pages.begin() as TakenPage;
      this.#settle(host, unvisited(page, 'robots.txt disallows it'));
    }
  }

  /** Undefined: that is being found out. */
  #mayFetch(host: RunHost, { url }: TakenPage, now: number): boolean | undefined {
    const { robots, userAgent } = this.task.spec;
    if (robots === 'ignore') return true;
    const origin = url.slice(0, url.indexOf('/', url.indexOf('://') + 3));
    const rules = this.parts.robots.peek(origin);
    if (rules === undefined) {
      if (!host.isAsking && now >= host.askAgainAt) this.#underTrack(this.#askRobots(host, origin));
      return undefined;
    }
    host.seat?.atLeast(rules.crawlDelayMs(userAgent));
    return rules.allows(url, userAgent);
  }

  async #askRobots(host: RunHost, origin: string): Promise<void> {
    const { delayMs, waitTimeMs, userAgent, timeoutMs, proxies } = this.task.spec;
    const { timer, robots, patience } = this.parts;
    host.isAsking = true;
    const answer = await this.#ask(() =>
      robots.rulesOf(origin, {
        delayMs,
        waitTimeMs,
        // Robots.txt are asked for over HTTP, whatever pages are.
        concurrency: 1,
        userAgent,
        timeoutMs,
        proxies,
        signal: this.#abort.signal,
        maySend: () => this.tenure.holds(),
      }),
    );
    host.isAsking = false;
    this.#soon();
    if (answer === undefined || 'rules' in answer) return;
    host.askAgainAt = timer.now() + pauseMs(answer.tries);
    const isHopeless = answer.tries >= patience.probes && Date.now() - answer.sinceAt >= patience.deadAfterMs;
    if (isHopeless) await this.#failHost(host, `${answer.unknown}, so it is not known what may be fetched`);
  }

  /** The gate of a host gives a turn. */
  #offered(host: RunHost, turn: Turn): boolean {
    host.isWanting = false;
    const now = this.parts.timer.now();
    if (this.#over !== undefined || this.#acks.isFull || this.#limits.waitMs(now) > 0) return false;
    if (!this.#isAble(host, now) || !this.parts.slots.take(this.#pumpSoon)) return false;
    const page = host.pages.begin() as TakenPage;
    this.#limits.take(now);
    host.openCount++;
    this.#underTrack(this.#visit(host, host.seat as Seat, page, turn));
    if (host.pages.wantsMore) this.#soon();
    if (this.#isAble(host, now)) this.#want(host);
    return true;
  }

  async #visit(host: RunHost, seat: Seat, page: TakenPage, turn: Turn): Promise<void> {
    try {
      const visited = await visit(page, turn, this.#terms);
      if (visited === undefined) {
        this.#limits.giveBack();
        host.pages.putBack(page);
        this.#checkTenure();
      } else if (visited.isUnreachable && seat.isDown) {
        // It is the host that is to blame: the page keeps its attempts.
        host.pages.putBack(page);
        if (seat.isDead(Date.now())) {
          await this.#failHost(host, `the host does not answer: ${visited.result.error}`);
        }
      } else this.#settle(host, visited.result);
      if (host.parked !== undefined) host.pages.drop();
    } catch (error) {
      turn.end({ kind: 'unsent' });
      this.#end({ kind: 'broken', error });
    } finally {
      host.openCount--;
      this.parts.slots.free();
      const now = this.parts.timer.now();
      if (
        this.#over === undefined &&
        !this.#acks.isFull &&
        this.#limits.waitMs(now) <= 0 &&
        this.#isAble(host, now)
      ) {
        this.#want(host);
      } else this.#soon();
    }
  }

  #settle(host: RunHost, result: PageResult): void {
    if (result.state === 'done' || result.state === 'unchanged') this.#memory.hasGood = true;
    this.#hostOf.set(result.seq, host);
    this.#acks.add(result);
  }

  /** The host has to be left alone for so long. */
  #paused(host: RunHost, ms: number): void {
    if (ms < PARK_MS || host.seat === undefined || this.#over !== undefined) return;
    const now = this.parts.timer.now();
    host.park(now + ms, now);
    this.#soon();
  }

  async #failHost(host: RunHost, reason: string): Promise<void> {
    host.park(Infinity, this.parts.timer.now());
    const count = await this.#insist(() => this.parts.store.frontier.failHost(this.claim, host.name, reason));
    if (count === undefined) return;
    this.parts.log.warn({ task: this.task.name, host: host.name, pages: count, reason }, 'host given up');
    // What pages that were still open had discovered does not count.
    this.#seen.forget();
    this.#hosts.delete(host.name);
    this.#hasNewHosts = true;
    this.#soon();
  }

  #prepare(results: PageResult[]): AckBatch {
    const { maxItems } = this.task.spec;
    if (maxItems !== undefined) {
      let left = maxItems - (this.#itemCount - this.#memory.itemsBefore);
      for (const result of results) {
        if (result.items.length > left) result.items = result.items.slice(0, Math.max(0, left));
        left -= result.items.length;
      }
    }
    const now = this.parts.timer.now();
    if (now - this.#savedAt < SAVE_MS) return { results };
    this.#savedAt = now;
    return { results, memory: this.#memory.encode(this.#memory.spentMs + now - this.#startedAt) };
  }

  #acked(results: readonly PageResult[], { room, itemCount }: AckAnswer, tookMs: number): void {
    this.#room = room;
    this.#itemCount = itemCount;
    // Redirects may make room again, for what was left out now.
    if (room === 0) this.#seen.forget();
    const now = this.parts.timer.now();
    for (const result of results) {
      this.#hostOf.get(result.seq)?.pages.settled(result.seq);
      this.#hostOf.delete(result.seq);
      for (const discovery of result.discovered) {
        const host = this.#hosts.get(discovery.host);
        if (host === undefined) this.#hasNewHosts = true;
        else host.pages.discovered(discovery);
      }
      if (result.state === 'retry') this.#nextDueAt = Math.min(this.#nextDueAt, now + result.retryInMs);
      else this.parts.observer.page?.(this.task.name, result);
    }
    this.parts.observer.acked?.(results.length, tookMs);
    const { maxItems } = this.task.spec;
    if (maxItems !== undefined && itemCount - this.#memory.itemsBefore >= maxItems) {
      this.#end({ kind: 'ended', reason: `it has ${maxItems} items, as many as it may` });
    }
    this.#soon();
  }

  /** Undefined when the store does not answer, or the right to send is over: then it is tried again. */
  async #ask<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await call();
      this.#storeFailures = 0;
      return answer;
    } catch (error) {
      if (this.#over !== undefined || isOrbweaverError(error, 'CANCELLED')) {
        this.#checkTenure();
        return undefined;
      }
      if (!isLater(error)) {
        this.#end({ kind: 'broken', error });
        return undefined;
      }
      this.#tryStoreAt = this.parts.timer.now() + pauseMs(this.#storeFailures++);
      this.#warn(error);
      return undefined;
    }
  }

  #warn(error: unknown): void {
    this.parts.log.warn(
      { task: this.task.name, error: String(error) },
      'the store does not answer, tried again',
    );
  }

  #underTrack(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.#end({ kind: 'broken', error }))
      .finally(() => this.#underway.delete(tracked));
    this.#underway.add(tracked);
  }

  /** Looks again when the next thing is due. */
  #arm(now: number): void {
    this.#cancelTimer?.();
    let at = Math.min(this.#nextDueAt, this.#tryStoreAt > now ? this.#tryStoreAt : Infinity);
    const limitMs = this.#limits.waitMs(now);
    if (limitMs > 0) at = Math.min(at, now + limitMs);
    for (const { parked, askAgainAt } of this.#hosts.values()) {
      if (parked !== undefined) at = Math.min(at, parked.until);
      else if (askAgainAt > now) at = Math.min(at, askAgainAt);
    }
    this.#cancelTimer =
      at === Infinity ? undefined : this.parts.timer.after(Math.max(1, at - now), this.#pumpSoon);
  }
}

function isLater(error: unknown): boolean {
  return isOrbweaverError(error) && error.retry === 'later';
}

function pauseMs(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10));
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
const SAVE_MS = 2_000;
const LOOK_AGAIN_MS = 1_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const MAX_WAITS_SHOWN = 100;
