import { setTimeout as delay } from 'node:timers/promises';
import { EXIT, Failure } from '../failure.js';
import { messagesOf } from './event-stream.js';
import type { Stream } from './master-api.js';

/** How a stream fares: who tells it, or since when nobody does and why. */
export type Connection = { readonly server: string } | Lost;

export interface Lost {
  readonly lostAt: Date;
  /** One sentence. */
  readonly reason: string;
}

export interface Following {
  /** Asks for the stream anew, from where the last one ended: the first master that answers gives it. */
  readonly open: (signal: AbortSignal) => Promise<Stream>;
  /** Hears how the connection fares, whenever that changes. */
  readonly told: (connection: Connection) => void;
  /** Whether a stream that says its end is over; else it goes on with another master. */
  readonly hasEnd?: boolean;
  /** While no master answers: wait until one does (unless it is said otherwise), or fail. */
  readonly isPatient?: boolean;
  readonly signal?: AbortSignal;
}

const RETRY_MS = [100, 500, 1_000, 2_000] as const;

/**
 * The messages of a stream of server-sent events, which goes on through the death of the master that gives it, until
 * the signal fires. That nobody gives it in the first place is a failure.
 */
export async function* follow<T>(following: Following): AsyncGenerator<T, void, undefined> {
  const { open, told, hasEnd = false, isPatient = true } = following;
  const { signal = new AbortController().signal } = following;
  let lostAt: Date | undefined;
  let hasBegun = false;
  for (let attempt = 0; ; attempt++) {
    let isOpen = false;
    try {
      const { server, parts } = await open(signal);
      hasBegun = isOpen = true;
      lostAt = undefined;
      told({ server });
      for await (const message of messagesOf(parts, `${server} is gone.`)) {
        attempt = 0;
        yield JSON.parse(message) as T;
      }
      if (hasEnd) return;
      throw new Failure(EXIT.unavailable, `${server} is gone.`);
    } catch (error) {
      if (signal.aborted) return;
      const isGone = error instanceof Failure && error.exitCode === EXIT.unavailable;
      if (!isGone || !hasBegun || (!isOpen && !isPatient)) throw error;
      told({ lostAt: (lostAt ??= new Date()), reason: firstLine(error.message) });
    }
    const delayMs = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)];
    await delay(delayMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
  }
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/:$/, '.');
}
