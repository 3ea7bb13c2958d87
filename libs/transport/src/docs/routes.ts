import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { RPC_METADATA, type RouteRpc } from '../rest/route-rpc.js';

/** A REST route that is the form of an RPC. */
export interface Route {
  /** Lower case. */
  readonly method: string;
  /** With parameters as `:name`. */
  readonly path: string;
  readonly rpc: RouteRpc;
}

export function rpcRoutes(modules: ModulesContainer): Route[] {
  const scanner = new MetadataScanner();
  const routes: Route[] = [];
  for (const module of modules.values()) {
    for (const { metatype } of module.controllers.values()) {
      const prototype = metatype?.prototype as Record<string, object> | undefined;
      if (metatype === null || prototype === undefined) {
        continue;
      }
      for (const name of scanner.getAllMethodNames(prototype)) {
        const handler = prototype[name] ?? {};
        const rpc = Reflect.getMetadata(RPC_METADATA, handler) as RouteRpc | undefined;
        if (rpc !== undefined) {
          const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
          const parts = [metatype, handler].flatMap((at) => Reflect.getMetadata(PATH_METADATA, at) as string);
          routes.push({ method: method.toLowerCase(), path: joined(parts), rpc });
        }
      }
    }
  }
  return routes;
}

function joined(parts: string[]): string {
  return `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/')}`;
}
