import type { EtcdClient, WatchEvent } from '@app/etcd';
import { decodeControl, keys, type Control } from '@app/resources';

export type SteeringKind =
  'resource paused' | 'resource resumed' | 'run begun' | 'started over' | 'failures retried';

/** What somebody, or its schedule, has made of a resource. */
export interface Steering {
  readonly kind: SteeringKind;
  readonly name: string;
}

/** Each from now on, also through gaps of the watch, but for what etcd has compacted away in one. */
export async function followSteering(
  etcd: Pick<EtcdClient, 'range' | 'watch'>,
  signal: AbortSignal,
  told: (steering: readonly Steering[]) => void,
): Promise<void> {
  const { revision } = await etcd.range({ key: keys.controls }, { signal });
  const watch = etcd.watch({ prefix: keys.controls }, { fromRevision: revision + 1n, prevKv: true, signal });
  for await (const { events } of watch) told(steeringIn(events));
}

/** One event may be several: a resource can be resumed and begin another run. What was before has to be known. */
export function steeringIn(events: readonly WatchEvent[]): Steering[] {
  return events.flatMap(({ type, kv, prevKv }) => {
    const id = type === 'put' ? idIn(kv.value) : undefined;
    // The first control of a resource differs from how it was added; of one whose past is lost nothing is known.
    if (id === undefined || (prevKv === undefined && kv.version > 1n)) return [];
    const name = kv.key.slice(keys.controls.length);
    const before = decodeControl(prevKv?.value, id);
    return kindsOf(before, decodeControl(kv.value, id)).map((kind) => ({ kind, name }));
  });
}

function* kinds(before: Control, after: Control): Iterable<SteeringKind> {
  if (after.paused && !before.paused) yield 'resource paused';
  if (before.paused && !after.paused) yield 'resource resumed';
  if (after.generation !== before.generation) yield 'started over';
  else if (after.run !== before.run) yield 'run begun';
  else if (after.retry !== before.retry) yield 'failures retried';
}

const kindsOf = (before: Control, after: Control): SteeringKind[] => [...kinds(before, after)];

function idIn(text: string): string | undefined {
  try {
    const { id } = (JSON.parse(text) ?? {}) as { id?: unknown };
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}
