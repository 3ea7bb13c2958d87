import { OrbweaverError } from '@app/errors';
import { Pulse } from './pulse.js';

/**
 * Values that change, each made once for all who follow it and as long as anybody does. A reader that is slow gets
 * the newest only. When what makes a value ends or fails, so do its readers.
 */
export class Feeds<T extends object> {
  private readonly feeds = new Map<string, Feed<T>>();

  constructor(
    /** Fires when this master ends. */
    private readonly ending: AbortSignal,
  ) {}

  /** All with the same key are told the values of the first. */
  async *follow(
    key: string,
    values: (signal: AbortSignal) => AsyncIterable<T>,
    signal: AbortSignal,
  ): AsyncGenerator<T, void, undefined> {
    const present = this.feeds.get(key);
    const feed = present === undefined || present.isOver ? new Feed(values, this.ending) : present;
    this.feeds.set(key, feed);
    feed.readerCount++;
    try {
      yield* feed.read(signal);
    } finally {
      if (--feed.readerCount === 0) {
        feed.stop();
        if (this.feeds.get(key) === feed) this.feeds.delete(key);
      }
    }
  }
}

class Feed<T extends object> {
  readerCount = 0;
  isOver = false;
  private latest: T | undefined;
  private failure: { readonly error: unknown } | undefined;
  private readonly news = new Pulse();
  private readonly stopped = new AbortController();

  constructor(
    values: (signal: AbortSignal) => AsyncIterable<T>,
    private readonly ending: AbortSignal,
  ) {
    void this.pump(values(AbortSignal.any([this.stopped.signal, ending])));
  }

  stop(): void {
    this.isOver = true;
    this.stopped.abort();
  }

  async *read(signal: AbortSignal): AsyncGenerator<T, void, undefined> {
    let told: T | undefined;
    while (!signal.aborted) {
      const { version } = this.news;
      if (this.latest !== undefined && this.latest !== told) {
        told = this.latest;
        yield told;
      } else if (this.failure !== undefined) throw this.failure.error;
      else if (this.isOver) return;
      else await this.news.since(version, signal);
    }
  }

  private async pump(values: AsyncIterable<T>): Promise<void> {
    try {
      for await (const value of values) {
        this.latest = value;
        this.news.beat();
      }
      // It has not come to its end: another master goes on.
      if (this.ending.aborted) throw new OrbweaverError('UNAVAILABLE', 'this master is stopping');
    } catch (error) {
      this.failure = { error };
    } finally {
      this.isOver = true;
      this.news.beat();
    }
  }
}
