import { OrbweaverError } from '@app/errors';
import { cluster } from '@app/proto';
import type { ClusterView } from './cluster-view.js';
import { resourceMessage } from './resource-message.js';

/**
 * The resources that match, then SYNCED, then each change, for one client. Of a resource that changes several
 * times while the client is slow it sees the last state at least. What waits for a client is bounded: one that
 * is too slow is ended with RESOURCE_EXHAUSTED and starts again when it can keep up.
 *
 * Exactly what matched is known: a resource that leaves the filter (moved to another node) is DELETED for this
 * client, one that enters it is CREATED.
 */
export async function* watchResources(
  view: ClusterView,
  { nodeId, prefix }: cluster.WatchResourcesRequest,
  signal: AbortSignal,
  maxWaiting = MAX_WAITING,
): AsyncGenerator<cluster.ResourceEvent> {
  const told = new Set<string>();
  /** Names that changed, in order of their last change, with its revision. */
  const changed = new Map<string, bigint>();
  let cursor: string | undefined = '';
  let failure: OrbweaverError | undefined;
  let wake = (): void => undefined;

  const unsubscribe = view.subscribe({
    resourceChanged: (name, revision) => {
      // A page to come tells of it.
      if (!name.startsWith(prefix) || (cursor !== undefined && name > cursor)) return;
      changed.delete(name);
      changed.set(name, revision);
      if (changed.size > maxWaiting) {
        failure = new OrbweaverError(
          'RESOURCE_EXHAUSTED',
          `${maxWaiting} changes wait for this client: watch again`,
        );
      }
      wake();
    },
    replaced: () => {
      failure = new OrbweaverError('UNAVAILABLE', 'changes were missed: watch again');
      wake();
    },
  });
  const end = (): void => wake();
  signal.addEventListener('abort', end);
  try {
    while (cursor !== undefined) {
      const { resources, next } = view.state.list({
        limit: PAGE,
        prefix,
        ...(cursor === '' ? {} : { after: cursor }),
        ...(nodeId === '' ? {} : { nodeId }),
      });
      cursor = next;
      for (const { record, epoch, modRevision } of resources) {
        told.add(record.name);
        yield event(cluster.ResourceEvent_Kind.SNAPSHOT, resourceMessage(record, epoch), modRevision);
        if (failure !== undefined) throw failure;
        if (signal.aborted) return;
      }
    }
    yield event(cluster.ResourceEvent_Kind.SYNCED, undefined, view.seenRevision);
    while (!signal.aborted) {
      if (failure !== undefined) throw failure;
      const [first] = changed;
      if (first === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const [name, revision] = first;
      changed.delete(name);
      const news = tell(name, revision);
      if (news !== undefined) yield news;
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', end);
  }

  function tell(name: string, revision: bigint): cluster.ResourceEvent | undefined {
    const present = view.state.get(name);
    const { CREATED, UPDATED, DELETED } = cluster.ResourceEvent_Kind;
    if (present !== undefined && (nodeId === '' || present.record.assignedNode?.id === nodeId)) {
      const kind = told.has(name) ? UPDATED : CREATED;
      told.add(name);
      return event(kind, resourceMessage(present.record, present.epoch), present.modRevision);
    }
    if (!told.delete(name)) return undefined;
    return event(DELETED, { ...NOTHING, name }, revision);
  }
}

const PAGE = 500;
const MAX_WAITING = 10_000;

const NOTHING = cluster.Resource.decode(new Uint8Array());

function event(
  kind: cluster.ResourceEvent_Kind,
  resource: cluster.Resource | undefined,
  revision: bigint,
): cluster.ResourceEvent {
  return { kind, resource, revision };
}
