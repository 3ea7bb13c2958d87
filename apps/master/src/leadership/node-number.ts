import { OrbweaverError } from '@app/errors';
import { compare, op, type EtcdClient } from '@app/etcd';
import { keys } from '@app/resources';

/**
 * Claims a number for snowflake IDs that no other master holds. It is ours as long as the lease; a master
 * whose lease was lost claims anew, and may get another.
 */
export async function claimNodeNumber(
  etcd: Pick<EtcdClient, 'range' | 'txn'>,
  claim: { owner: string; leaseId: bigint; preferred: number | undefined; signal: AbortSignal },
): Promise<number> {
  const { entries } = await etcd.range({ prefix: keys.ids }, { keysOnly: true, signal: claim.signal });
  const taken = new Set(entries.map(({ key }) => key));
  for (const number of numbersFrom(claim.preferred)) {
    const key = keys.id(number);
    if (taken.has(key)) continue;
    const { succeeded } = await etcd.txn(
      {
        compare: [compare.createRevision(key, '=', 0n)],
        success: [op.put(key, claim.owner, { leaseId: claim.leaseId })],
      },
      { signal: claim.signal },
    );
    if (succeeded) return number;
  }
  throw new OrbweaverError('RESOURCE_EXHAUSTED', `other masters hold all ${MAX_NODE_NUMBER} ID numbers`);
}

/** The number that a master's id asks for, when it is one. */
export function preferredNumber(id: string): number | undefined {
  const number = /^\d{1,4}$/.test(id) ? Number(id) : 0;
  return number >= 1 && number <= MAX_NODE_NUMBER ? number : undefined;
}

const MAX_NODE_NUMBER = 1022;

function* numbersFrom(preferred: number | undefined): Iterable<number> {
  if (preferred !== undefined) yield preferred;
  for (let number = 1; number <= MAX_NODE_NUMBER; number++) yield number;
}
