import { Worker } from 'node:worker_threads';
import { failed } from '../failed.js';
import { PATIENCE_MS, READY, type ScriptAnswer, type ScriptRequest } from './script-request.js';

/** Where scripts run: in one thread for all tasks of the process, a page at a time, in the order of asking. */
export interface Scripts {
  /** Throws EXTRACT_FAILED when the script fails. */
  run(request: ScriptRequest): Promise<ScriptAnswer & { isDone: true }>;
}

interface Waiting {
  request: ScriptRequest;
  resolve: (answer: ScriptAnswer & { isDone: true }) => void;
  reject: (error: Error) => void;
}

/**
 * The thread is begun with the first script and holds no process up that wants to end. One that dies, or does not
 * answer long after its script should have been interrupted, is replaced: only the page at hand fails.
 */
export class ScriptThread implements Scripts {
  readonly #waiting: Waiting[] = [];
  #current: Waiting | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #worker: Worker | undefined;
  #isReady = false;

  run(request: ScriptRequest): Promise<ScriptAnswer & { isDone: true }> {
    if (this.#waiting.length >= MAX_WAITING)
      return Promise.reject(failed('too many pages wait for their scripts'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#lose(worker, 'the process is stopping');
    await worker?.terminate();
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const next = this.#waiting.shift();
    this.#current = next;
    if (next === undefined) {
      this.#worker?.unref();
      return;
    }
    const worker = (this.#worker ??= this.#begin());
    worker.ref();
    worker.postMessage(next.request);
    if (this.#isReady) this.#begun(worker);
    else this.#within(worker, START_MS, 'its thread did not begin');
  }

  /** From when the thread turns to the script that is at hand. */
  #begun(worker: Worker): void {
    this.#isReady = true;
    const timeoutMs = this.#current?.request.timeoutMs ?? 0;
    this.#within(worker, timeoutMs + GRACE_MS, `it did not stop after ${timeoutMs} ms and had to be killed`);
  }

  #within(worker: Worker, ms: number, reason: string): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      this.#lose(worker, reason);
    }, ms);
  }

  #begin(): Worker {
    const worker = new Worker(new URL('./script-thread.js', import.meta.url), { resourceLimits: LIMITS });
    worker.on('message', (answer: ScriptAnswer | typeof READY) => {
      if (worker !== this.#worker) return;
      if (answer === READY) this.#begun(worker);
      else if (!answer.isDone && answer.isBroken) this.#lose(worker, answer.reason);
      else
        this.#settle((waiting) => {
          if (answer.isDone) waiting.resolve(answer);
          else waiting.reject(failed(answer.reason));
        });
    });
    worker.on('error', (error) => {
      this.#lose(worker, `its thread died: ${error.message}`);
    });
    worker.on('exit', () => {
      this.#lose(worker, 'its thread ended');
    });
    return worker;
  }

  #settle(how: (waiting: Waiting) => void): void {
    clearTimeout(this.#deadline);
    const current = this.#current;
    this.#current = undefined;
    if (current !== undefined) how(current);
    this.#next();
  }

  /** Nothing that still comes of this thread counts. */
  #lose(worker: Worker | undefined, reason: string): void {
    if (worker === undefined || worker !== this.#worker) return;
    this.#worker = undefined;
    this.#isReady = false;
    void worker.terminate();
    this.#settle(({ reject }) => {
      reject(failed(`the script failed: ${reason}`));
    });
  }
}

/** Pages in hand are bounded by who fetches them; this is for who does not. */
const MAX_WAITING = 10_000;

/** For what no interrupt reaches: one call that works on, such as a search through an array that is all holes. */
const GRACE_MS = PATIENCE_MS + 1_000;

const START_MS = 30_000;

const LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 16 };

let shared: ScriptThread | undefined;

export function sharedScripts(): Scripts {
  return (shared ??= new ScriptThread());
}
