import { isOrbweaverError } from '@app/errors';
import { noop, type IDefaultPolicyContext, type IPolicy } from 'cockatiel';

const PASS_OVER_MS = 500;

/**
 * Which endpoints calls had better not go to: one that did not answer is passed over for half a second, as long as
 * there is another that is not. Unlike a circuit breaker it never leaves a call with nowhere to go.
 */
export class PassingOver {
  readonly #hosts: HostPolicy[] = [];

  /** The policy of one more endpoint, as etcd3's connection pool takes it. */
  host(): IPolicy {
    const policy = new HostPolicy((asking) =>
      this.#hosts.some((host) => host !== asking && !host.failedLately()),
    );
    this.#hosts.push(policy);
    return policy;
  }
}

class HostPolicy implements IPolicy {
  declare readonly _altReturn: never;
  readonly onSuccess = noop.onSuccess;
  readonly onFailure = noop.onFailure;
  #failedAt = -Infinity;

  constructor(private readonly thereIsBetterThan: (host: HostPolicy) => boolean) {}

  failedLately(): boolean {
    return performance.now() - this.#failedAt < PASS_OVER_MS;
  }

  async execute<T>(fn: (context: IDefaultPolicyContext) => PromiseLike<T> | T): Promise<T> {
    if (this.failedLately() && this.thereIsBetterThan(this)) throw new Error('the endpoint is passed over');
    try {
      return await fn(NEVER_ABORTED);
    } catch (error) {
      if (isOrbweaverError(error, 'ETCD_UNAVAILABLE')) this.#failedAt = performance.now();
      throw error;
    }
  }
}

const NEVER_ABORTED: IDefaultPolicyContext = { signal: new AbortController().signal };
