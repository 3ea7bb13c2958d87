import type { cluster } from '@app/proto';

/**
 * Whether two masters tell of one thing, each by its own clock and a moment sooner or later. What they gather over
 * some seconds they may have divided otherwise: that is told twice then.
 */
export function isSame(one: cluster.ClusterEvent, other: cluster.ClusterEvent): boolean {
  if (one.kind !== other.kind || one.message !== other.message) return false;
  // Who begins to follow the election sees a term that may have begun long ago; there is no other of its number.
  return one.kind === 'leader elected' || Math.abs(secondsOf(one) - secondsOf(other)) <= APART_S;
}

const APART_S = 10;

function secondsOf({ at }: cluster.ClusterEvent): number {
  return Number(at?.seconds ?? 0n);
}
