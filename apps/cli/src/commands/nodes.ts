import type { Client } from './client.js';
import { stateText } from '../output/states.js';

export async function nodes({ api, output }: Client): Promise<void> {
  const answer = await api.nodes();
  await output.show(answer, (colours) => ({
    head: ['NODE', 'ADDRESS', 'STATE', 'ASSIGNED', 'RUNNING', 'PAGES'],
    rows: answer.nodes.map(({ id, address, state, draining, load, running, pages }) => [
      id,
      address,
      draining ? colours.yellow('draining') : stateText(state, colours),
      String(load),
      String(running),
      pages,
    ]),
    empty: 'No worker is registered.',
  }));
}

export async function drain({ api, output }: Client, id: string): Promise<void> {
  const node = await api.drain(id);
  await output.show(
    node,
    () =>
      `${node.id} is draining: it gets nothing new and hands over ${node.load === 1 ? 'one task' : `${node.load} tasks`}.`,
  );
}

export async function undrain({ api, output }: Client, id: string): Promise<void> {
  const node = await api.undrain(id);
  await output.show(node, () => `${node.id} takes tasks again.`);
}
