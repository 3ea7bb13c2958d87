import { follow } from '../api/follow.js';
import type { ClusterEvent } from '../api/master-api.js';
import { remarked } from '../output/connection.js';
import { cell } from '../output/table.js';
import type { Client } from './client.js';

/**
 * What happens to the cluster, first what a master remembers of it, until Ctrl-C. When that master is gone the next
 * one tells on from there; each master has seen it with its own eyes, a moment sooner or later.
 */
export async function events(client: Client): Promise<void> {
  let last = { id: '', at: -Infinity };
  const told = follow<ClusterEvent>({
    open: (signal) => client.api.watchEvents(last.id, signal),
    told: remarked(client.output),
  });
  for await (const event of told) {
    const at = Date.parse(event.at ?? '');
    // Another master has numbers of its own and tells all that it remembers.
    if (at < last.at || (at === last.at && event.id === last.id)) continue;
    last = { id: event.id, at };
    await client.output.line(event, (colours) => {
      const { at: when = '', kind, message } = event;
      return `${colours.dim(when)}  ${colours.cyan(kind.padEnd(15))}  ${cell(message, 200)}`;
    });
  }
}
