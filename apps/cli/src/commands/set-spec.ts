import type { Client } from './client.js';
import { readSpec } from '../spec-file.js';

export async function setSpec({ api, output, streams }: Client, name: string, file: string): Promise<void> {
  const resource = await api.setSpec(name, await readSpec(file, streams.stdin));
  await output.show(resource, () =>
    resource.nodeId === ''
      ? `${name} has a new spec and waits for a worker.`
      : `${name} has a new spec and starts over on ${resource.nodeId}.`,
  );
}
