import { ApiError } from '../api/client';
import { connection } from './connection';
import { readEvents } from './event-stream';

/** What a stream is, and what its messages come to. */
export interface FeedSource<State, Message> {
  /** Where to go on from, given what is known; what the first connection asks for, given nothing. */
  url: (known: State | undefined) => string;
  /** `isFirst`: of this connection. */
  next: (known: State | undefined, message: Message, isFirst: boolean) => State;
}

export interface FeedValue<State> {
  readonly data: State | undefined;
  /** What the master refuses; undefined while it does not, and while none answers. */
  readonly error: ApiError | undefined;
}

const RETRY_MS = [100, 500, 1_000, 2_000, 5_000];

/**
 * A stream of server-sent events that is kept up: it connects again when it breaks, and rests while its page is
 * hidden, as browsers grant one host six connections over HTTP/1.1 for all their windows together.
 */
export class Feed<State, Message> {
  private readonly listeners = new Set<() => void>();
  private readonly stopping = new AbortController();
  private value: FeedValue<State> = { data: undefined, error: undefined };
  private frame = 0;
  /** Failures in a row. */
  private failures = 0;
  private brokenAt: Date | undefined;

  constructor(private readonly source: FeedSource<State, Message>) {
    void this.run(this.stopping.signal);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly current = (): FeedValue<State> => this.value;

  stop(): void {
    this.stopping.abort();
    cancelAnimationFrame(this.frame);
    connection.stands(this);
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await shown(signal);
      if (signal.aborted) return;
      const hidden = whenHidden();
      await this.connect(AbortSignal.any([signal, hidden.signal]));
      hidden.forget();
    }
  }

  private async connect(signal: AbortSignal): Promise<void> {
    let isFirst = true;
    try {
      await readEvents(this.source.url(this.value.data), signal, {
        opened: () => {
          this.brokenAt = undefined;
          connection.stands(this);
        },
        received: (data) => {
          this.failures = 0;
          this.set({
            data: this.source.next(this.value.data, JSON.parse(data) as Message, isFirst),
            error: undefined,
          });
          isFirst = false;
        },
      });
    } catch (error) {
      if (signal.aborted) return;
      this.failed(error);
    }
    const delayMs = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)] as number;
    await pause(delayMs, signal);
  }

  private failed(error: unknown): void {
    if (error instanceof ApiError && error.status < 500) {
      connection.stands(this);
      this.set({ ...this.value, error });
      return;
    }
    this.brokenAt ??= new Date();
    // The first attempt after a break may meet a master that is just back.
    if (this.failures > 0 || this.value.data === undefined) connection.failed(this, this.brokenAt);
  }

  /** Listeners hear of it at the next frame: once, however many messages came until then. */
  private set(value: FeedValue<State>): void {
    this.value = value;
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      for (const listener of this.listeners) listener();
    });
  }
}

function shown(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener('visibilitychange', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    document.addEventListener('visibilitychange', done);
    signal.addEventListener('abort', done);
  });
}

function whenHidden(): { signal: AbortSignal; forget: () => void } {
  const hidden = new AbortController();
  const look = (): void => {
    if (document.hidden) hidden.abort();
  };
  document.addEventListener('visibilitychange', look);
  return { signal: hidden.signal, forget: () => document.removeEventListener('visibilitychange', look) };
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    if (signal.aborted) done();
    else signal.addEventListener('abort', done);
  });
}
