import type { cluster, worker } from '@app/proto';
import type { Control, ResourceRecord } from '@app/resources';

type Timestamp = { seconds: bigint; nanos: number };

/** A resource as the API tells it. */
export function resourceMessage(
  { id, name, assignedNode, creationTime }: ResourceRecord,
  epoch: bigint,
  more: More = {},
): cluster.Resource {
  return {
    id,
    name,
    nodeId: assignedNode?.id ?? '',
    nodeAddress: assignedNode?.address ?? '',
    createdAt: timestampOfNanoseconds(creationTime),
    epoch: assignedNode === undefined ? 0n : epoch,
    spec: more.spec ?? '',
    task: more.task,
    control: more.control,
    nextRunAt: more.nextRunAt === undefined ? undefined : timestampOf(new Date(more.nextRunAt)),
  };
}

interface More {
  readonly spec?: string | undefined;
  readonly task?: worker.TaskStatus | undefined;
  readonly control?: Control | undefined;
  /** In milliseconds since 1970. */
  readonly nextRunAt?: number | undefined;
}

export function timestampOf(date: Date): Timestamp {
  return timestampOfNanoseconds(BigInt(date.getTime()) * 1_000_000n);
}

function timestampOfNanoseconds(nanoseconds: bigint): Timestamp {
  const inSecond = ((nanoseconds % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
  return { seconds: (nanoseconds - inSecond) / NANOSECONDS, nanos: Number(inSecond) };
}

const NANOSECONDS = 1_000_000_000n;
