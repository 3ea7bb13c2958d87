import { isOrbweaverError } from '@app/errors';
import { op, type EtcdClient, type MemberStatus } from '@app/etcd';
import type { cluster } from '@app/proto';
import { keys } from '@app/resources';
import { Latest } from '../leadership/latest.js';
import { pause } from '../leadership/pause.js';

/**
 * How etcd is, as this master finds it every few seconds: what each endpoint says of itself, and whether a read and
 * a write of our own go through. The write is agreed upon by the members like any other and changes nothing.
 */
export class EtcdHealth {
  readonly present = new Latest<cluster.EtcdHealth>({
    ok: false,
    reason: 'etcd was not asked yet',
    members: [],
    alarms: [],
  });

  private wasAsked = false;

  constructor(
    private readonly etcd: Pick<EtcdClient, 'get' | 'txn' | 'members'>,
    private readonly observe: (health: cluster.EtcdHealth, tookMs: number | undefined) => void,
  ) {}

  /** Why it cannot be used; empty when it can, or was not asked yet. */
  get fault(): string {
    return this.wasAsked ? this.present.value.reason : '';
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look(signal);
      await pause(INTERVAL_MS, signal);
    }
  }

  private async look(signal: AbortSignal): Promise<void> {
    const options = { signal, timeoutMs: TIMEOUT_MS };
    const sentAt = performance.now();
    const [members, failure] = await Promise.all([
      this.etcd.members(options),
      this.use(options).then(
        () => undefined,
        (error: unknown) => error,
      ),
    ]);
    if (signal.aborted) return;
    const tookMs = failure === undefined ? performance.now() - sentAt : undefined;
    const alarms = [...new Set(members.flatMap(alarmsOf))];
    const reason = failure === undefined ? alarmed(alarms) : failed(failure);
    const health = { ok: reason === '', reason, members: members.map(memberMessage), alarms };
    this.observe(health, tookMs);
    this.wasAsked = true;
    this.present.set(health);
  }

  private async use(options: { signal: AbortSignal; timeoutMs: number }): Promise<void> {
    await this.etcd.get(keys.probe, options);
    try {
      await this.etcd.txn({ success: [op.delete(keys.probe)] }, options);
    } catch (error) {
      throw new ReadOnly(error);
    }
  }
}

const INTERVAL_MS = 3_000;
const TIMEOUT_MS = 2_000;

class ReadOnly extends Error {
  constructor(override readonly cause: unknown) {
    super();
  }
}

function failed(error: unknown): string {
  return error instanceof ReadOnly
    ? `etcd can be read, but not written: ${told(error.cause)}`
    : `etcd cannot be read: ${told(error)}`;
}

function told(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/^etcd: (Status: )?/, '');
}

/** What stops writes though one that changes nothing is taken. */
function alarmed(alarms: readonly string[]): string {
  if (alarms.includes('NOSPACE'))
    return 'the database of etcd is full: it takes no more writes (alarm NOSPACE)';
  return alarms.length === 0 ? '' : `etcd raises an alarm: ${alarms.join(', ')}`;
}

function alarmsOf({ answer }: MemberStatus): readonly string[] {
  return 'alarms' in answer ? answer.alarms : [];
}

function memberMessage({ endpoint, tookMs, answer }: MemberStatus): cluster.EtcdMember {
  if (isOrbweaverError(answer)) {
    return { endpoint, leader: false, version: '', size: 0n, tookMs, error: told(answer) };
  }
  const { leads, version, sizeBytes } = answer;
  return { endpoint, leader: leads, version, size: BigInt(sizeBytes), tookMs, error: '' };
}
