import type { ScheduleRecord } from '@app/resources';

/** What a worker says of a task; undefined when it said nothing. */
export interface KnownTask {
  readonly state: string;
  readonly epoch: bigint;
}

/**
 * What becomes of a firing that is due:
 * - fire: no run is under way
 * - skip: one is, and this firing is left out
 * - wait: one is, and this firing comes after it
 * - ask: it is not known
 */
export type Decision = 'fire' | 'skip' | 'wait' | 'ask';

/** Whether a run is under way is for its worker to say, and only of the resource as it is now. */
export function decide(
  overlap: ScheduleRecord['overlap'],
  task: KnownTask | undefined,
  epoch: bigint,
): Decision {
  if (task === undefined || task.epoch < epoch) return 'ask';
  switch (task.state) {
    case 'done':
    case 'failed':
    case 'paused':
      return 'fire';
    case 'pending':
    case 'running':
      return overlap === 'skip' ? 'skip' : 'wait';
    default:
      return 'ask';
  }
}
