import { cluster } from '@app/proto';
import type { NodeRef } from '@app/resources';
import { StatusError } from '@app/transport';
import type { ServiceNodes } from '../cluster-view/service-nodes.js';
import type { NodeClients } from '../nodes/node-clients.js';

/**
 * What happened before this master was there, as the other that remembers it furthest back tells it; nothing if there
 * is none, if none answers in time or if etcd does not say who they are.
 */
export async function memoryOfOthers(
  masters: Pick<ServiceNodes, 'loaded' | 'all'>,
  clients: Pick<NodeClients, 'call'>,
  /** Under which a process before this one may still be registered. */
  ownAddress: string,
  signal: AbortSignal,
): Promise<readonly cluster.ClusterEvent[]> {
  await known(masters, signal);
  const others = masters.all().filter(({ address }) => address !== ownAddress);
  const memories = await Promise.all(others.map((master) => memoryOf(master, clients, signal)));
  const [longest = []] = memories.sort((a, b) => beginningOf(a) - beginningOf(b));
  return longest;
}

async function known({ loaded }: Pick<ServiceNodes, 'loaded'>, signal: AbortSignal): Promise<void> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), KNOWN_WITHIN_MS);
  const over = AbortSignal.any([signal, late.signal]);
  try {
    await loaded.when((isLoaded) => isLoaded, over);
  } catch (error) {
    if (!over.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function memoryOf(
  master: NodeRef,
  clients: Pick<NodeClients, 'call'>,
  signal: AbortSignal,
): Promise<readonly cluster.ClusterEvent[]> {
  try {
    const { listEvents } = cluster.ClusterService;
    return (await clients.call(master, listEvents, {}, ANSWER_WITHIN_MS, signal)).events;
  } catch (error) {
    // It is gone, or of a version before.
    if (error instanceof StatusError) return [];
    throw error;
  }
}

function beginningOf([first]: readonly cluster.ClusterEvent[]): number {
  return first?.at === undefined ? Number.POSITIVE_INFINITY : Number(first.at.seconds);
}

const KNOWN_WITHIN_MS = 10_000;
const ANSWER_WITHIN_MS = 5_000;
