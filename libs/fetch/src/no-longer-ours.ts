import { OrbweaverError } from '@app/errors';

/** What a fetch rejects with when its caller may not send any more. */
export function noLongerOurs({ signal }: { signal: AbortSignal }): OrbweaverError {
  return new OrbweaverError('CANCELLED', 'the task is no longer ours to crawl', { cause: signal.reason });
}
