import type { Client, ListOptions } from './client.js';
import { age } from '../output/times.js';
import { readPages, remarkMore } from './paging.js';

export async function list(
  client: Client,
  options: ListOptions & { node?: string; prefix?: string },
): Promise<void> {
  const { api, output } = client;
  let total = 0;
  const { entries, next } = await readPages(options, async (query) => {
    const page = await api.list({ ...query, node_id: options.node, prefix: options.prefix });
    total = page.total;
    return { entries: page.resources, next: page.nextPageToken };
  });
  await output.show({ resources: entries, nextPageToken: next, total }, (colours) => ({
    head: ['NAME', 'NODE', 'ADDRESS', 'AGE'],
    rows: entries.map(({ name, nodeId, nodeAddress, createdAt }) => [
      name,
      nodeId === '' ? colours.yellow('waits for a worker') : nodeId,
      nodeAddress,
      age(createdAt),
    ]),
    empty: 'There are no tasks. Add one with: orbweaver add FILE',
  }));
  remarkMore(client, entries.length, next, total);
}
