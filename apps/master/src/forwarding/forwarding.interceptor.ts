import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { CallInterceptor, RpcCall } from '@app/transport';
import { Forwarding } from './forwarding.js';
import { leaderRpcs } from './leader-rpcs.js';
import type { Leads } from './leader-only.js';

/** The same for REST and gRPC: what only the leader can answer is answered there. */
@Injectable()
export class ForwardingInterceptor implements CallInterceptor, OnApplicationBootstrap {
  private leads: ReadonlyMap<string, Leads> = new Map();

  constructor(
    private readonly forwarding: Forwarding,
    private readonly modules: ModulesContainer,
  ) {}

  onApplicationBootstrap(): void {
    this.leads = leaderRpcs(this.modules);
  }

  intercept(call: RpcCall, next: () => Promise<unknown>): Promise<unknown> {
    const leads = this.leads.get(call.rpc.name);
    const forLeader = leads === 'always' || (leads === 'strong' && call.option('consistency') === 'strong');
    return forLeader ? this.forwarding.answer(call, next) : next();
  }
}
