import type { Election, Leader } from '@app/election';
import type { Logger } from '@app/observability';
import { Latest } from './latest.js';
import { pause } from './pause.js';
import type { Terms } from './terms.js';

/** Who leads, as this master sees it. */
export interface KnownLeader extends Leader {
  /** gRPC address; undefined when the leader's value names none (`etcdctl elect` takes any text). */
  readonly address: string | undefined;
  /** When this master saw the term begin, by its own clock. */
  readonly since: Date;
}

/** Follows the election and remembers who leads. May be behind; never decides about a write. */
export class LeaderWatch {
  readonly leader = new Latest<KnownLeader | undefined>(undefined);

  constructor(
    private readonly election: Election,
    private readonly terms: Pick<Terms, 'settleLater'>,
    private readonly logger: Logger,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const leader of this.election.observe(signal)) this.see(leader);
      } catch (error) {
        if (signal.aborted) return;
        this.logger.warn({ error: String(error) }, 'the election cannot be observed');
      }
      await pause(RETRY_MS, signal);
    }
  }

  private see(leader: Leader | undefined): void {
    const known = this.leader.value;
    const sameTerm = leader?.term === known?.term;
    if (sameTerm && leader?.value === known?.value) return;
    this.logger.info({ 'leader:': leader?.value ?? '' }, 'watch leader change');
    if (known !== undefined && !sameTerm) this.terms.settleLater(known);
    this.leader.set(
      leader && {
        ...leader,
        address: addressOf(leader.value),
        since: sameTerm && known !== undefined ? known.since : new Date(),
      },
    );
  }
}

const RETRY_MS = 500;

/** Of `master<id>-<host>:<port>`; an id holds no `-`. */
function addressOf(value: string): string | undefined {
  return /^[^-]+-(.+:\d{1,5})$/.exec(value)?.[1];
}
