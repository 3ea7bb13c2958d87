import type { MasterApi, Node } from '../api/master-api.js';
import type { Client } from './client.js';
import { nodeNamed } from './node-name.js';
import type { Colours } from '../output/colours.js';
import { rate, stateText } from '../output/states.js';
import { bytes } from '../output/times.js';

export async function nodes({ api, output }: Client): Promise<void> {
  const answer = await api.nodes();
  await output.show(answer, (colours) => ({
    head: ['NODE', 'ADDRESS', 'STATE', 'ASSIGNED', 'RUNNING', 'PAGES', 'RATE', 'MEMORY', 'VERSION'],
    rows: answer.nodes.map((node) => row(node, colours)),
    empty: 'No worker is registered.',
  }));
}

function row(node: Node, colours: Colours): string[] {
  const { id, address, state, draining, load, running, pages, pagesPerSecond, memory, version } = node;
  return [
    id,
    address,
    draining ? colours.yellow('draining') : stateText(state, colours),
    String(load),
    String(running),
    pages,
    rate(pagesPerSecond),
    // It is not known of a worker that does not answer.
    memory === '0' ? '' : bytes(memory),
    version,
  ];
}

export async function drain({ api, output }: Client, name: string): Promise<void> {
  const node = await api.drain(await idOf(api, name));
  await output.show(
    node,
    () =>
      `${node.id} is draining: it gets nothing new and hands over ${node.load === 1 ? 'one task' : `${node.load} tasks`}.`,
  );
}

export async function undrain({ api, output }: Client, name: string): Promise<void> {
  const node = await api.undrain(await idOf(api, name));
  await output.show(node, () => `${node.id} takes tasks again.`);
}

/** One that is not registered any more is named as a whole. */
async function idOf(api: MasterApi, name: string): Promise<string> {
  const { nodes: workers } = await api.nodes();
  const ids = workers.map(({ id }) => id);
  return nodeNamed(ids, name) ?? name;
}
