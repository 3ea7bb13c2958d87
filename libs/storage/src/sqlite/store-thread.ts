import { Worker } from 'node:worker_threads';
import { OrbweaverError } from '@app/errors';
import type { Operations } from './operations/index.js';
import { unavailable } from './sqlite-error.js';
import {
  CLOSE,
  type Answer,
  type ArgsOf,
  type Call,
  type Group,
  type Reply,
  type ResultOf,
  type ThreadData,
} from './thread-protocol.js';

export interface StoreThreadOptions extends ThreadData {
  /** The store's time, in milliseconds since 1970. */
  now: () => number;
  startThread?: (data: ThreadData) => Worker;
}

/**
 * The thread that has the file, as the others see it: calls go there in groups, each of which is answered as a
 * whole, so that what was called while one was under way shares a transaction. A thread that dies takes what it
 * was asked with it, done or not; the next call starts another.
 */
export class StoreThread {
  readonly #path: string;
  readonly #now: () => number;
  readonly #startThread: () => Worker;
  #worker: Worker | undefined;
  #waiting: Pending[] = [];
  /** Sent, the oldest first. */
  #sent: Pending[][] = [];
  #startedAt = -Infinity;
  #lastWords = '';
  #isClosed = false;
  #onIdle: (() => void) | undefined;

  constructor({ path, retention, now, startThread = startStoreThread }: StoreThreadOptions) {
    this.#path = path;
    this.#now = now;
    this.#startThread = () => startThread({ path, retention });
  }

  call<K extends keyof Operations>(name: K, ...args: ArgsOf<K>): Promise<ResultOf<K>> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#isClosed) return reject(unavailable(this.#path, 'it was closed'));
      if (this.#waiting.length >= MOST_WAITING) {
        return reject(unavailable(this.#path, `it is behind: ${MOST_WAITING} calls wait`));
      }
      this.#waiting.push({ call: { name, args }, resolve, reject });
      this.#send();
    }) as Promise<ResultOf<K>>;
  }

  /** Resolves when every call has its answer and the file is closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#sent.length + this.#waiting.length > 0) {
      await new Promise<void>((resolve) => (this.#onIdle = resolve));
    }
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage(CLOSE);
    await ended;
  }

  #send(): void {
    while (this.#waiting.length > 0 && this.#sent.length < GROUPS_AT_ONCE) {
      const group = this.#waiting.splice(0, CALLS_IN_A_GROUP);
      const message: Group = { now: this.#now(), calls: group.map(({ call }) => call) };
      try {
        const worker = (this.#worker ??= this.#start());
        worker.postMessage(message);
        this.#sent.push(group);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    if (this.#sent.length === 0) this.#onIdle?.();
  }

  #start(): Worker {
    const now = performance.now();
    if (now - this.#startedAt < RESTART_MS) throw unavailable(this.#path, this.#lastWords);
    this.#startedAt = now;
    const worker = this.#startThread();
    worker.on('message', (reply: Reply) => this.#settle(reply));
    worker.on('error', (error) => this.#died(worker, error));
    worker.on('exit', () => this.#died(worker, new Error('it was stopped')));
    return worker;
  }

  #settle(reply: Reply): void {
    const group = this.#sent.shift() ?? [];
    group.forEach(({ resolve, reject }, index) => {
      const answer = reply[index] as Answer;
      if ('value' in answer) resolve(answer.value);
      else reject(new OrbweaverError(answer.error.code, answer.error.message));
    });
    this.#send();
  }

  #died(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#lastWords = `its thread has ended (${error.message})`;
    const lost = this.#sent.flat();
    this.#sent = [];
    for (const { reject } of lost) reject(unavailable(this.#path, this.#lastWords, error));
    this.#send();
  }
}

interface Pending {
  call: Call;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** One is worked on while the next is on its way. */
const GROUPS_AT_ONCE = 2;
const CALLS_IN_A_GROUP = 256;
const MOST_WAITING = 20_000;
/** A thread that dies as soon as it is started is not started again and again. */
const RESTART_MS = 500;

export function startStoreThread(data: ThreadData): Worker {
  return new Worker(new URL('./thread-main.js', import.meta.url), {
    name: 'store',
    workerData: data,
    resourceLimits: { maxYoungGenerationSizeMb: 32, maxOldGenerationSizeMb: 256 },
  });
}
