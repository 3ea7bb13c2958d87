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
    const stream = (this.#stream ??= await this.#open());
    try {
      return await roundTrip(stream, encodeLeaseId(this.leaseId), timeoutMs);
    } catch (error) {
      this.close();
      const cause = translate(error, LEASE.keepAlive.name);
      if (cause.code === 'UNAUTHENTICATED') this.connections.forgetToken();
      throw cause;
    }
  }

  close(): void {
    this.#stream?.cancel();
    this.#stream = undefined;
  }

  /** A stream that ends between two keep-alives is not to be used for the next one. */
  async #open(): Promise<Stream<Answer>> {
    const stream = await this.connections.stream(LEASE.keepAlive);
    return stream.once('status', () => {
      if (this.#stream === stream) this.#stream = undefined;
    });
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
    const timer = setTimeout(() => {
      const silence = new OrbweaverError(
        'ETCD_UNAVAILABLE',
        `etcd: no answer to a keep-alive in ${timeoutMs} ms`,
      );
      stream.blame(silence);
      failed(silence);
    }, timeoutMs);
    stream.on('data', answered).once('error', failed).once('end', ended);
    stream.write(request);
  });
}
