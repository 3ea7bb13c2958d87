import type { Resource } from '../api/master-api.js';
import type { Client } from './client.js';
import { eachOf } from './each.js';

export function pause(client: Client, names: readonly string[]): Promise<void> {
  return eachOf(
    client,
    names,
    (name) => client.api.pause(name),
    (name) => `${name} is paused.`,
  );
}

export function resume(client: Client, names: readonly string[]): Promise<void> {
  return eachOf(
    client,
    names,
    (name) => client.api.resume(name),
    (name) => `${name} goes on.`,
  );
}

export function restart(client: Client, names: readonly string[], fromScratch: boolean): Promise<void> {
  return eachOf(
    client,
    names,
    async (name) => client.api.restart(name, (await client.api.get(name)).control, fromScratch),
    (name, resource) =>
      fromScratch
        ? `${name} starts over from nothing.${whilePaused(resource)}`
        : `${name} begins run ${resource.control?.run ?? ''}.${whilePaused(resource)}`,
  );
}

export function retry(client: Client, names: readonly string[]): Promise<void> {
  return eachOf(
    client,
    names,
    async (name) => client.api.retry(name, (await client.api.get(name)).control),
    (name, resource) => `${name} tries its failed pages again.${whilePaused(resource)}`,
  );
}

function whilePaused({ control }: Resource): string {
  return control?.paused === true ? ' It is paused: resume it first.' : '';
}
