import type { Client } from './client.js';
import { eachOf } from './each.js';

export function remove(client: Client, names: readonly string[]): Promise<void> {
  return eachOf(
    client,
    names,
    async (name) => {
      await client.api.delete(name);
      return { deleted: name };
    },
    (name) => `Deleted ${name}.`,
  );
}
