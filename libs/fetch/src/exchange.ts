import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { BodyShare } from './body/body-memory.js';
import type { TimeLimit } from './time-limit.js';

export interface ExchangeTerms {
  /** Bytes of the body, as they are sent, to take; a longer one is given up there. */
  maxBytes: number;
  /** Whether the body is wanted. Otherwise a short one is read for the connection's sake. */
  wants: (status: number, headers: IncomingHttpHeaders) => boolean;
  memory: BodyShare;
  limit: TimeLimit;
  maySend: () => boolean;
  onSend: () => void;
}

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Empty when it was not wanted. */
  body: Buffer;
  /** There was more. */
  isCut: boolean;
}

/** Right before it would have been written the request was found to be no longer allowed. */
export class SendDeniedError extends Error {}

/** Over before it was whole. */
export class TimeOverError extends Error {}

/**
 * One request and what comes back, on the level at which the parser delivers: no stream, no promise but one.
 * Sent at most once, whatever becomes of its connection.
 */
export function exchange(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  terms: ExchangeTerms,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const reader = new Reader(terms, resolve, reject);
    terms.limit.stops(() => reader.stop());
    dispatcher.dispatch(options, reader);
  });
}

class Reader implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | undefined;
  #answer: RawAnswer | undefined;
  #isWanted = false;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #isSettled = false;

  constructor(
    private readonly terms: ExchangeTerms,
    private readonly resolve: (answer: RawAnswer) => void,
    private readonly reject: (error: Error) => void,
  ) {}

  stop(): void {
    if (this.#answer !== undefined && !this.#isWanted) this.#finish(this.#answer);
    else this.#fail(new TimeOverError(this.#phase()));
    this.#controller?.abort(STOPPED);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const isRepeat = this.#controller !== undefined;
    this.#controller = controller;
    // Given up while it waited for a connection; or its connection broke and undici would send it again.
    if (this.#isSettled || isRepeat) return controller.abort(BROKEN);
    if (!this.terms.maySend()) {
      this.#fail(new SendDeniedError());
      return controller.abort(STOPPED);
    }
    this.terms.onSend();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    // Of an early hint; the answer is yet to come.
    if (status < 200) return;
    this.#answer = { status, headers, body: EMPTY, isCut: false };
    this.#isWanted = this.terms.wants(status, headers);
    if (!this.#isWanted && Number(headers['content-length'] ?? 0) > MAX_DRAIN_BYTES) this.#cut(controller);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isSettled) return;
    this.#bytes += chunk.length;
    if (!this.#isWanted) {
      if (this.#bytes > MAX_DRAIN_BYTES) this.#cut(controller);
      return;
    }
    this.#chunks.push(chunk);
    if (this.#bytes > this.terms.maxBytes) return this.#cut(controller);
    if (!this.terms.memory.grow(chunk.length, () => controller.resume())) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#answer !== undefined) this.#finish(this.#answer);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    // Nobody waits for the rest of it.
    if (this.#answer !== undefined && !this.#isWanted) this.#finish(this.#answer);
    else this.#fail(error);
  }

  #cut(controller: Dispatcher.DispatchController): void {
    if (this.#answer !== undefined) this.#finish({ ...this.#answer, isCut: true });
    controller.abort(STOPPED);
  }

  #finish(answer: RawAnswer): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const [first, ...others] = this.#chunks;
    if (first !== undefined)
      answer.body = others.length === 0 ? first : Buffer.concat(this.#chunks, this.#bytes);
    this.resolve(answer);
  }

  #fail(error: Error): void {
    this.#isSettled = true;
    this.reject(error);
  }

  #phase(): string {
    if (this.#controller === undefined) return 'while it was connecting';
    if (this.#answer === undefined) return 'before an answer came';
    return `with ${this.#bytes} bytes of the body read`;
  }
}

const EMPTY = Buffer.alloc(0);
const STOPPED = new Error('stopped');
const BROKEN = new Error('the connection was closed before the answer was whole');
/** What is read of a body that nobody wants: a new connection costs about as much. */
const MAX_DRAIN_BYTES = 64 << 10;
