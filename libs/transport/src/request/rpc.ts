import type { DescMessage, DescMethod } from '@bufbuild/protobuf';
import type { MethodDefinition } from '@grpc/grpc-js';
import { OrbweaverError } from '@app/errors';
import { services } from '@app/proto';
import { descriptors } from './descriptors.js';

/** One method of the contract, whatever transport it is called by. */
export interface Rpc {
  /** Short service name and method, as logs and metrics name it: `CrawlerMaster.AddResource`. */
  readonly name: string;
  /** Path, streaming and codec, as grpc-js takes them: enough to call it elsewhere. */
  readonly definition: MethodDefinition<unknown, unknown>;
  readonly method: DescMethod;
  readonly input: DescMessage;
  readonly output: DescMessage;
}

/** By short name: `CrawlerMaster.AddResource`, `Cluster.GetResource`. */
export function rpcNamed(name: string): Rpc {
  const rpc = byName().get(name);
  if (rpc === undefined) {
    throw new OrbweaverError('UNIMPLEMENTED', `no RPC ${name} in the contract`);
  }
  return rpc;
}

/** By the path a client called, under an alias or not. */
export function rpcAtPath(path: string): Rpc | undefined {
  let rpc = byPath.get(path);
  if (rpc === undefined) {
    const [service = '', method = ''] = path.slice(1).split('/');
    rpc = byName().get(`${service.slice(service.lastIndexOf('.') + 1)}.${method}`);
    if (rpc !== undefined) {
      byPath.set(path, rpc);
    }
  }
  return rpc;
}

/** As many as there are served paths: only those reach a handler that asks. */
const byPath = new Map<string, Rpc>();
let rpcs: Map<string, Rpc> | undefined;

function byName(): Map<string, Rpc> {
  if (rpcs === undefined) {
    rpcs = new Map();
    for (const [service, methods] of Object.entries(services)) {
      for (const definition of Object.values(methods)) {
        const [, fullName = '', method = ''] = definition.path.split('/');
        const described = descriptors()
          .getService(fullName)
          ?.methods.find((one) => one.name === method);
        if (described !== undefined) {
          const name = `${service}.${method}`;
          const { input, output } = described;
          rpcs.set(name, { name, definition, method: described, input, output });
        }
      }
    }
  }
  return rpcs;
}
