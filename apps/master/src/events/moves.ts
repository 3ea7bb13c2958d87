import type { WatchEvent } from '@app/etcd';
import { parseKey } from '@app/resources';

/** Resources that went from one worker to another. */
export interface Move {
  readonly from: string;
  readonly to: string;
  count: number;
}

/**
 * The moves among events of assignment keys: the same name taken from one worker and given to another in one
 * transaction. A batch of events holds whole revisions.
 */
export function movesIn(events: readonly WatchEvent[]): Move[] {
  const taken = new Map<string, string>();
  for (const { type, kv } of events) {
    const parsed = type === 'delete' ? parseKey(kv.key) : undefined;
    if (parsed?.kind === 'assignment') taken.set(`${kv.modRevision} ${parsed.name}`, parsed.nodeId);
  }
  const moves = new Map<string, Move>();
  // Mostly nothing is taken from anybody, and events are many.
  for (const { type, kv } of taken.size === 0 ? [] : events) {
    const parsed = type === 'put' ? parseKey(kv.key) : undefined;
    if (parsed?.kind !== 'assignment') continue;
    const from = taken.get(`${kv.modRevision} ${parsed.name}`);
    if (from !== undefined && from !== parsed.nodeId) addMove(moves, { from, to: parsed.nodeId, count: 1 });
  }
  return [...moves.values()];
}

export function addMove(moves: Map<string, Move>, { from, to, count }: Move): void {
  const key = `${from} ${to}`;
  const known = moves.get(key);
  if (known === undefined) moves.set(key, { from, to, count });
  else known.count += count;
}
