import type { OutboxEntry } from '@app/crawl';
import { isAddressRefused } from '@app/fetch';
import { request, type Dispatcher } from 'undici';
import { withDeadline } from './deadline.js';
import { signedHeaders } from './signature.js';

/** What came of one attempt. `refused`: no further one will help. */
export type Delivery =
  { kind: 'delivered' } | { kind: 'refused'; reason: string } | { kind: 'failed'; reason: string };

/** Sends a message once. Never rejects but with the signal's reason, when that fires. */
export type Post = (message: OutboxEntry, signal: AbortSignal) => Promise<Delivery>;

const TIMEOUT_MS = 15_000;
const GONE = 410;

/** Redirects are not followed: a receiver that has moved is to be named anew. */
export function postThrough(dispatcher: Dispatcher, secrets: readonly Buffer[]): Post {
  return async (message, signal) => {
    try {
      return await withDeadline(TIMEOUT_MS, signal, (limited) => post(dispatcher, secrets, message, limited));
    } catch (error) {
      signal.throwIfAborted();
      return isAddressRefused(error)
        ? { kind: 'refused', reason: error.message }
        : { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  };
}

async function post(
  dispatcher: Dispatcher,
  secrets: readonly Buffer[],
  { id, url, body }: OutboxEntry,
  signal: AbortSignal,
): Promise<Delivery> {
  const answer = await request(url, {
    dispatcher,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Orbweaver',
      ...signedHeaders(id, Date.now(), body, secrets),
    },
    body,
    signal,
  });
  // What it says besides is of no interest, and may be endless.
  await answer.body.dump({ limit: 16_384, signal });
  const { statusCode: status } = answer;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === GONE) return { kind: 'refused', reason: 'the receiver wants no more (HTTP 410)' };
  return { kind: 'failed', reason: `the receiver answered with HTTP ${status}` };
}
