import type { Outbox, OutboxEntry } from '@app/crawl';
import type { Logger } from '@app/observability';
import { pause } from '../assignment/pause.js';
import type { Post } from './post-webhook.js';

export interface DelivererPace {
  /** Between looks into an outbox that had nothing due. */
  idleMs: number;
  /** Before the second attempt; doubled for each further one, up to an hour. */
  firstRetryMs: number;
  /** From when a message was written. */
  giveUpAfterMs: number;
}

const PACE: DelivererPace = { idleMs: 5_000, firstRetryMs: 5_000, giveUpAfterMs: 24 * 3_600_000 };

/**
 * Delivers the messages of an outbox, each at least once: those of all workers of the store, since the one that
 * wrote a message may be gone. A message that no attempt delivers within a day is given up, and that is said.
 */
export class WebhookDeliverer {
  #awake = new AbortController();

  constructor(
    private readonly outbox: Outbox,
    private readonly post: Post,
    private readonly logger: Logger,
    private readonly pace: DelivererPace = PACE,
  ) {}

  /** There may be a new message: looks at once. */
  wake(): void {
    this.#awake.abort();
  }

  /** Ends when the signal fires; a message that is on its way then is sent again by whoever finds it. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (await this.#deliverSome(signal)) continue;
      await pause(this.pace.idleMs, AbortSignal.any([signal, this.#awake.signal]));
      if (this.#awake.signal.aborted) this.#awake = new AbortController();
    }
  }

  /** Tries what is due now, and ends. */
  async deliverDue(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await this.#deliverSome(signal)));
  }

  /** Whether there was anything. */
  async #deliverSome(signal: AbortSignal): Promise<boolean> {
    try {
      const messages = await this.outbox.lease(BATCH, LEASE_MS);
      await Promise.all(messages.map((message) => this.#deliver(message, signal)));
      return messages.length > 0;
    } catch (error) {
      if (!signal.aborted) this.logger.warn({ error: String(error) }, 'webhooks wait');
      return false;
    }
  }

  async #deliver(message: OutboxEntry, signal: AbortSignal): Promise<void> {
    const { id, resource, url, attempt, createdAt } = message;
    const delivery = await this.post(message, signal);
    const fields = { task: resource, webhook: id, host: new URL(url).host, attempt: attempt + 1 };
    if (delivery.kind === 'delivered') {
      this.logger.info(fields, 'webhook delivered');
      return this.outbox.settle(id, undefined);
    }
    const isOver = delivery.kind === 'refused' || Date.now() - createdAt >= this.pace.giveUpAfterMs;
    if (isOver) {
      this.logger.error({ ...fields, reason: delivery.reason }, 'webhook given up');
      return this.outbox.settle(id, undefined);
    }
    const retryInMs = Math.min(LONGEST_RETRY_MS, this.pace.firstRetryMs * 2 ** attempt);
    this.logger.warn({ ...fields, reason: delivery.reason, retryInMs }, 'webhook not delivered');
    return this.outbox.settle(id, retryInMs);
  }
}

const BATCH = 16;
/** Longer than an attempt may take. */
const LEASE_MS = 60_000;
const LONGEST_RETRY_MS = 3_600_000;
