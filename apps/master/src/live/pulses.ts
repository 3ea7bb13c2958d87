import { keys } from '@app/resources';
import type { ClusterView } from '../cluster-view/cluster-view.js';
import type { ServiceNodes } from '../cluster-view/service-nodes.js';
import type { Latest } from '../leadership/latest.js';
import type { TaskIndex } from '../task-index/task-index.js';
import { Pulse } from './pulse.js';

/** Of resources and what is known of their tasks. */
export function resourcesPulse(view: ClusterView, index: TaskIndex): Pulse {
  const pulse = new Pulse();
  view.subscribe({ applied: pulse.beat, nodesChanged: pulse.beat, replaced: pulse.beat });
  index.onChange(pulse.beat);
  return pulse;
}

/** Of who is there, who leads and who is drained. */
export function clusterPulse(
  view: ClusterView,
  masters: ServiceNodes,
  leader: Pick<Latest<unknown>, 'onChange'>,
): Pulse {
  const pulse = new Pulse();
  view.subscribe({
    nodesChanged: pulse.beat,
    replaced: pulse.beat,
    watched: (events) => {
      if (events.some(({ kv }) => kv.key.startsWith(keys.drains))) pulse.beat();
    },
  });
  masters.onChange(pulse.beat);
  leader.onChange(pulse.beat);
  return pulse;
}
