import { OrbweaverError } from '@app/errors';
import type { Connections, Stream } from './connections.js';
import { translate } from './errors.js';
import { LEASE } from './methods.js';
import { encodeLeaseId } from './wire/requests.js';

type Answer = ReturnType<typeof LEASE.keepAlive.decode>;

/**
 * Keep-alives of one lease, one at a time, over a stream that is opened when it is needed. After a failure the
 * next one goes over a new stream, to another endpoint where there is one.
 */
export class KeepAlive {
  #stream: Stream<Answer> | undefined;

  constructor(
    readonly connections: Connections,
    readonly leaseId: bigint,
  ) {}

  /** The lease's TTL as etcd tells it, not above 0 when the lease is gone. */
  async send(timeoutMs: number): Promise<bigint> {
    const stream = (this.#stream ??= await this.connections.stream(LEASE.keepAlive));
    try {
      return await roundTrip(stream, encodeLeaseId(this.leaseId), timeoutMs);
    } catch (error) {
      this.close();
      const cause = translate(error, LEASE.keepAlive.name);
      if (cause.code === 'ETCD_UNAVAILABLE') stream.blame(cause);
      if (cause.code === 'UNAUTHENTICATED') this.connections.forgetToken();
      throw cause;
    }
  }

  close(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.on('error', () => {}); // it says CANCELLED
    stream?.cancel();
  }
}

function roundTrip(stream: Stream<Answer>, request: Buffer, timeoutMs: number): Promise<bigint> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void): void => {
      clearTimeout(timer);
      stream.off('data', answered).off('error', failed).off('end', ended);
      outcome();
    };
    const answered = ({ ttlSeconds }: Answer): void => settle(() => resolve(ttlSeconds));
    const failed = (error: Error): void => settle(() => reject(error));
    const ended = (): void =>
      failed(new OrbweaverError('ETCD_UNAVAILABLE', 'etcd: the lease stream has ended'));
    const timer = setTimeout(
      () =>
        failed(new OrbweaverError('ETCD_UNAVAILABLE', `etcd: no answer to a keep-alive in ${timeoutMs} ms`)),
      timeoutMs,
    );
    stream.on('data', answered).once('error', failed).once('end', ended);
    stream.write(request);
  });
}
