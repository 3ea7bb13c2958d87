import { RequestMethod, type Type } from '@nestjs/common';
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
  const controllers = [...modules.values()].flatMap((module) => [...module.controllers.values()]);
  return controllers.flatMap(({ metatype }) => (metatype === null ? [] : routesOf(metatype as Type)));
}

/** The routes of one controller. */
export function routesOf(controller: Type): Route[] {
  const prototype = controller.prototype as Record<string, object>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const handler = prototype[name] ?? {};
    const rpc = Reflect.getMetadata(RPC_METADATA, handler) as RouteRpc | undefined;
    if (rpc === undefined) return [];
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
    const parts = [controller, handler].flatMap((at) => Reflect.getMetadata(PATH_METADATA, at) as string);
    return [{ method: method.toLowerCase(), path: joined(parts), rpc }];
  });
}

function joined(parts: string[]): string {
  return `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/')}`;
}
