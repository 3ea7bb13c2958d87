import type { PageResult, TakenPage } from '../../store/frontier.js';
import type { CrawlProgress } from '../../store/results.js';
import type { LogLine } from '../../store/task-logs.js';
import type { RunLog } from './run-log.js';

/** What a run has to say to people, in words. */
export class RunLines {
  #hasToldRoom = false;

  constructor(
    private readonly log: RunLog,
    private readonly run: { run: number; retry: number; specHash: string },
  ) {}

  /** `leftBy`: the node that was at it before. */
  began(queued: number, leftBy: string | undefined): void {
    const { retry } = this.run;
    const begins = retry === 0 ? 'begins' : 'goes over its failed pages again';
    const how = leftBy === undefined ? begins : `goes on where ${leftBy} left it`;
    const message = `run ${this.run.run} ${how}: ${pages(queued)} queued`;
    this.log.write({ level: 'info', message, fields: { ...this.run, queued, leftBy } });
  }

  stops(): void {
    const { run } = this.run;
    const message = `run ${run} stops here; whoever has the task next goes on from here`;
    this.log.write({ level: 'info', message, fields: { run } });
  }

  broke(error: unknown): void {
    const { run } = this.run;
    this.log.write({ level: 'error', message: `run ${run} breaks off: ${String(error)}`, fields: { run } });
  }

  /** Its end, to be written with it. */
  over(
    { state, reason }: { state: 'done' | 'failed'; reason: string },
    tookMs: number,
    progress: CrawlProgress | undefined,
  ): LogLine | undefined {
    const { run } = this.run;
    const { doneCount: done = 0, failedCount: failed = 0, queuedCount: queued = 0 } = progress ?? {};
    const items = progress?.itemCount ?? 0;
    const figures = [
      pages(done),
      `${shown(failed)} failed`,
      ...(queued > 0 ? [`${shown(queued)} still queued`] : []),
      counted(items, 'item'),
      `in ${seconds(tookMs)}`,
    ];
    return this.log.line({
      level: state === 'done' ? 'info' : 'error',
      message: `run ${run} is ${state}: ${figures.join(', ')}${reason === '' ? '' : `: ${reason}`}`,
      fields: { run, state, reason, done, failed, queued, items, tookMs: Math.round(tookMs) },
    });
  }

  /** What came of a page, and what its rule's script said: to be written with it. */
  page(host: string, page: TakenPage, result: PageResult, said: readonly string[]): LogLine[] {
    const lines = said.flatMap((message) => {
      const { traceId } = result;
      const fields = { url: page.url, rule: page.rule };
      return this.log.lineOften('script', host, { level: 'info', message, fields, traceId }, 100) ?? [];
    });
    const line = this.#lineOf(host, page, result);
    return line === undefined ? lines : [...lines, line];
  }

  /** `robots.txt` does: once for each host. */
  forbidden(host: string, { url }: TakenPage): LogLine | undefined {
    const message = `robots.txt of ${host} forbids ${url}`;
    return this.log.lineOften('robots', host, { level: 'warn', message, fields: { host, url } }, 1);
  }

  robotsUnknown(host: string, reason: string, pauseMs: number): void {
    const message = `${host} is not crawled before its robots.txt can be had, asked for again in ${seconds(pauseMs)}: ${reason}`;
    const fields = { host, reason, untilAt: inMs(pauseMs) };
    this.log.writeOften('robots unknown', host, { level: 'warn', message, fields }, 1);
  }

  backsOff(host: string, reason: string, pauseMs: number): void {
    const message = `${host} asks for fewer requests (${reason}): the next one in ${seconds(pauseMs)}`;
    const fields = { host, reason, untilAt: inMs(pauseMs) };
    this.log.writeOften('back off', host, { level: 'warn', message, fields }, 3);
  }

  isDown(host: string, reason: string, pauseMs: number): void {
    const message = `${host} does not answer: ${reason}; it is left alone but for a request now and then, the next in ${seconds(pauseMs)}`;
    const fields = { host, reason, untilAt: inMs(pauseMs) };
    this.log.writeOften('down', host, { level: 'warn', message, fields }, 3);
  }

  recovered(host: string): void {
    this.log.writeOften(
      'recovered',
      host,
      { level: 'info', message: `${host} answers again`, fields: { host } },
      3,
    );
  }

  givenUp(host: string, count: number, reason: string): void {
    const message = `${host} is given up, ${pages(count)} failed: ${reason}`;
    this.log.writeOften(
      'given up',
      '',
      { level: 'error', message, fields: { host, pages: count, reason } },
      50,
    );
  }

  /** Nothing more is taken up. */
  hasNoRoom(maxPages: number): void {
    if (this.#hasToldRoom) return;
    this.#hasToldRoom = true;
    const message = `the crawl has ${pages(maxPages)}, as many as it may: what else it finds is left out`;
    this.log.write({ level: 'info', message, fields: { maxPages } });
  }

  storeWasSlow(tookMs: number, pageCount: number): void {
    const message = `the store is slow: it took ${seconds(tookMs)} to write ${pages(pageCount)}`;
    const fields = { tookMs: Math.round(tookMs), pages: pageCount };
    this.log.writeOften('slow', '', { level: 'warn', message, fields }, 1);
  }

  storeWasAway(forMs: number, reason: string): void {
    const message = `the store took nothing for ${seconds(forMs)}: ${reason}; nothing was lost`;
    const fields = { forMs: Math.round(forMs), reason };
    this.log.writeOften('away', '', { level: 'warn', message, fields }, 3);
  }

  #lineOf(host: string, page: TakenPage, result: PageResult): LogLine | undefined {
    const { url } = page;
    const { state, status, error, retryInMs, traceId } = result;
    const attempts = page.attempt + 1;
    const fields = { url, status, reason: error, attempts };
    if (state === 'failed') {
      const message = `page failed${attempts > 1 ? `, after ${attempts} attempts` : ''}: ${url}: ${error}`;
      return this.log.lineOften('failed', host, { level: 'warn', message, fields, traceId });
    }
    if (state === 'retry') {
      const message = `page is tried again in ${seconds(retryInMs)}: ${url}: ${error}`;
      return this.log.lineOften('retry', host, { level: 'info', message, fields, traceId });
    }
    if (!this.log.isOn('debug')) return undefined;
    const { bytes, items, discovered } = result;
    return this.log.line({
      level: 'debug',
      message: `page ${state}: ${url}`,
      fields: { url, status, bytes, items: items.length, discovered: discovered.length },
      traceId,
    });
  }
}

function pages(count: number): string {
  return counted(count, 'page');
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${shown(count)} ${what}s`;
}

function shown(count: number): string {
  return count.toLocaleString('en');
}

function seconds(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return `${ms < 10_000 ? Math.round(ms / 100) / 10 : Math.round(ms / 1_000)} s`;
}

function inMs(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}
