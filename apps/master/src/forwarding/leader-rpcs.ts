import type { ModulesContainer } from '@nestjs/core';
import { LEADS, type Leads } from './leader-only.js';

/** The RPCs whose handlers are marked, in whichever controller, by their short names. */
export function leaderRpcs(modules: ModulesContainer): Map<string, Leads> {
  const rpcs = new Map<string, Leads>();
  for (const { controllers } of modules.values()) {
    for (const { metatype } of controllers.values()) {
      const prototype = (metatype as { prototype: Record<string, unknown> } | null)?.prototype ?? {};
      for (const method of Object.getOwnPropertyNames(prototype)) {
        const handler = prototype[method];
        if (typeof handler !== 'function') continue;
        const leads = Reflect.getMetadata(LEADS, handler) as Leads | undefined;
        const rpc = rpcOf(handler);
        if (leads !== undefined && rpc !== undefined) rpcs.set(rpc, leads);
      }
    }
  }
  return rpcs;
}

/** As `@RestRpc` and Nest's `@GrpcMethod` note it. */
function rpcOf(handler: object): string | undefined {
  const rest = Reflect.getMetadata('orbweaver:rpc', handler) as { name: string } | undefined;
  if (rest !== undefined) return rest.name;
  const [grpc] = (Reflect.getMetadata('microservices:pattern', handler) ?? []) as {
    service: string;
    rpc: string;
  }[];
  return grpc && `${grpc.service}.${grpc.rpc}`;
}
