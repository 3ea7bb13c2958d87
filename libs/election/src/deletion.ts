import { isOrbweaverError } from '@app/errors';
import type { EtcdClient } from '@app/etcd';

/**
 * Resolves when the key was deleted at or after `fromRevision`, or may have been unseen (compaction): the caller
 * reads again. Rejects when the signal fires.
 */
export async function deletionOf(
  client: EtcdClient,
  key: string,
  fromRevision: bigint,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const { events } of client.watch({ key }, { fromRevision, signal })) {
      if (events.some(({ type }) => type === 'delete')) return;
    }
  } catch (error) {
    if (isOrbweaverError(error, 'COMPACTED')) return;
    throw error;
  }
  signal.throwIfAborted();
}
