/** When a resource is run again, as it stands in etcd beside its spec, where the spec has a schedule. */
export interface ScheduleRecord {
  /** Tells a resource from an earlier one of the same name. */
  readonly resourceId: string;
  /** As in the spec. */
  readonly cron: string;
  readonly timeZone: string;
  readonly overlap: 'skip' | 'queue';
  /**
   * Up to when every firing is done with: it was fired, passed over, or lies before the spec came. In milliseconds
   * since 1970, by the clock of the leader at the time.
   */
  readonly settledAt: number;
}

/** Undefined for what no master of ours has written. */
export function decodeSchedule(text: string): ScheduleRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { id: resourceId, cron, timeZone, overlap, settledAt } = value as Record<string, unknown>;
  const isSchedule =
    typeof resourceId === 'string' &&
    typeof cron === 'string' &&
    typeof timeZone === 'string' &&
    (overlap === 'skip' || overlap === 'queue') &&
    Number.isSafeInteger(settledAt);
  return isSchedule ? { resourceId, cron, timeZone, overlap, settledAt: settledAt as number } : undefined;
}

export function encodeSchedule({ resourceId, cron, timeZone, overlap, settledAt }: ScheduleRecord): string {
  return JSON.stringify({ id: resourceId, cron, timeZone, overlap, settledAt });
}
