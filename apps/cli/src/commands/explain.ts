import type { Client } from './client.js';

/** Why a task is as it is, and what would change that. */
export async function explain({ api, output }: Client, name: string): Promise<void> {
  const explanation = await api.explain(name);
  const { reason, remedy } = explanation;
  await output.show(explanation, (colours) => (remedy === '' ? reason : `${reason}\n${colours.dim(remedy)}`));
}
