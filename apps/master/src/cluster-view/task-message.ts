import { worker } from '@app/proto';
import type { ResourceRecord } from '@app/resources';
import type { TaskReport } from '../workers/worker-reports.js';

/** What is told of a task: what its worker reports, or what follows from there being no report. */
export function taskMessage(
  { name, assignedNode }: ResourceRecord,
  report: TaskReport | undefined,
): worker.TaskStatus | undefined {
  if (assignedNode === undefined) return pending(name, 'no worker has it');
  return report === 'unknown' ? pending(name, 'its worker has not taken it up yet') : report;
}

function pending(name: string, reason: string): worker.TaskStatus {
  return { ...NOTHING, name, state: 'pending', reason };
}

const NOTHING = worker.TaskStatus.decode(new Uint8Array());
