import { randomUUID } from 'node:crypto';
import type { LineLevel, LogLine, TaskLogs } from '@app/crawl';
import type { Logger } from '@app/observability';
import { pause } from '../assignment/pause.js';
import { Bell } from '../board/bell.js';

/** Of which assignment a line tells. */
export interface Subject {
  name: string;
  epoch: bigint;
  traceId?: string;
}

/**
 * What a worker itself says into the logs of its tasks: what becomes of them here. Nobody waits for it: lines are
 * written behind, again and again while the store is away. What cannot be kept at last is told in the worker's own log.
 */
export class TaskLog {
  readonly #origin = randomUUID();
  readonly #bell = new Bell();
  #lines: { resource: string; line: LogLine }[] = [];
  #saidCount = 0;
  #lostCount = 0;

  constructor(
    private readonly logs: Pick<TaskLogs, 'append'>,
    private readonly nodeId: string,
    private readonly level: LineLevel,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  say({ name, epoch, traceId = '' }: Subject, level: LineLevel, message: string, fields: object = {}): void {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(this.level)) return;
    if (this.#lines.length >= MOST_LINES) {
      this.#lostCount++;
      return;
    }
    const text = JSON.stringify(fields);
    this.#lines.push({
      resource: name,
      line: {
        id: `${this.#origin}/${++this.#saidCount}`,
        at: Date.now(),
        level,
        message,
        fields: text === '{}' ? '' : text,
        nodeId: this.nodeId,
        epoch,
        traceId,
      },
    });
    this.#bell.ring();
  }

  /** Writes until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#lines.length === 0) await this.#bell.heard(signal);
      const trouble = await this.#writeSome();
      if (trouble === undefined) this.#tellLost();
      else {
        this.logger.warn({ error: trouble }, 'lines of task logs cannot be written, tried again');
        await pause(WRITE_AGAIN_MS, signal);
      }
    }
  }

  /** What is left, if the store takes it. To be called when `run` has ended. */
  async end(): Promise<void> {
    let trouble: string | undefined;
    while (this.#lines.length > 0 && trouble === undefined) trouble = await this.#writeSome();
    this.#lostCount += this.#lines.length;
    this.#tellLost();
  }

  /** Gives what kept some from being written. */
  async #writeSome(): Promise<string | undefined> {
    const some = new Map<string, LogLine[]>();
    let count = 0;
    for (const { resource, line } of this.#lines) {
      const lines = some.get(resource) ?? [];
      if (count === MOST_TOGETHER || (lines.length === 0 && some.size === LOGS_TOGETHER)) break;
      some.set(resource, lines);
      lines.push(line);
      count++;
    }
    const taken = this.#lines.splice(0, count);
    const written = await Promise.allSettled(
      [...some].map(([resource, lines]) => this.logs.append(resource, lines)),
    );
    const failed = new Set([...some.keys()].filter((_, index) => written[index]?.status === 'rejected'));
    // Those of one task stay in order.
    if (failed.size > 0) {
      this.#lines = [...taken.filter(({ resource }) => failed.has(resource)), ...this.#lines];
    }
    const rejected = written.find((one) => one.status === 'rejected');
    return rejected && String(rejected.reason);
  }

  #tellLost(): void {
    if (this.#lostCount === 0) return;
    this.logger.warn({ lines: this.#lostCount }, 'lines of task logs were lost');
    this.#lostCount = 0;
  }
}

const LEVELS: readonly LineLevel[] = ['debug', 'info', 'warn', 'error'];
const MOST_LINES = 10_000;
/** That are written at the same time: lines, and logs. */
const MOST_TOGETHER = 500;
const LOGS_TOGETHER = 8;
const WRITE_AGAIN_MS = 1_000;
