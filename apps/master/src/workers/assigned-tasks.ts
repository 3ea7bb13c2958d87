import type { ClusterView } from '../cluster-view/cluster-view.js';
import type { TaskPort } from '../schedules/scheduler.js';
import type { WorkerReports } from './worker-reports.js';

/** Tasks by name: their workers are asked, as far as the view knows them. */
export function assignedTasks(
  view: Pick<ClusterView, 'state'>,
  reports: Pick<WorkerReports, 'tasks'>,
): TaskPort {
  return {
    known: async (names) => {
      const assigned = names.flatMap((name) => {
        const nodeId = view.state.get(name)?.record.assignedNode?.id;
        return nodeId === undefined ? [] : [{ name, nodeId }];
      });
      const known = [...(await reports.tasks(assigned))];
      return new Map(known.flatMap(([name, task]) => (task === 'unknown' ? [] : [[name, task] as const])));
    },
  };
}
