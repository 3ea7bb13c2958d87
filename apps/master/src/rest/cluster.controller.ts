import { Controller, Delete, Get, Headers, Post } from '@nestjs/common';
import type { cluster } from '@app/proto';
import { CallerSignal, RestEvents, type RestFile, RestRpc, RpcRequest } from '@app/transport';
import { Masters } from '../api/masters.js';
import { Nodes } from '../api/nodes.js';
import { Profiles } from '../api/profiles.js';
import { EventLog } from '../events/event-log.js';
import { LeaderOnly } from '../forwarding/leader-only.js';
import * as examples from './examples.js';
import { fileOfChunks } from './file-of-chunks.js';

/** The nodes of the cluster, and what happens to it. */
@Controller('crawler')
export class ClusterRestController {
  constructor(
    private readonly nodes: Nodes,
    private readonly masters: Masters,
    private readonly events: EventLog,
    private readonly profiles: Profiles,
  ) {}

  @Get('node')
  @RestRpc('Cluster.ListNodes', { summary: 'The workers, their load and state', answer: examples.nodes })
  listNodes(): Promise<cluster.ListNodesResponse> {
    return this.nodes.list();
  }

  @Post('node/:id/drain')
  @LeaderOnly()
  @RestRpc('Cluster.DrainNode', { summary: 'Empty a worker', answer: examples.draining })
  drainNode(@RpcRequest() request: cluster.DrainNodeRequest): Promise<cluster.Node> {
    return this.nodes.drain(request);
  }

  @Delete('node/:id/drain')
  @LeaderOnly()
  @RestRpc('Cluster.UndrainNode', {
    summary: 'Give a drained worker resources again',
    answer: examples.nodes.nodes[0],
  })
  undrainNode(@RpcRequest() request: cluster.UndrainNodeRequest): Promise<cluster.Node> {
    return this.nodes.undrain(request);
  }

  @Get('node/:nodeId/profile')
  @RestRpc('Cluster.TakeProfile', {
    summary: 'A CPU or heap profile of a master or a worker, as `go tool pprof` reads it',
    files: ['application/octet-stream'],
  })
  takeProfile(
    @RpcRequest() request: cluster.TakeProfileRequest,
    @CallerSignal() signal: AbortSignal,
  ): Promise<RestFile> {
    return fileOfChunks(this.profiles.take(request, signal));
  }

  @Get('master')
  @RestRpc('Cluster.ListMasters', { summary: 'The masters, and who of them leads', answer: examples.masters })
  listMasters(): Promise<cluster.ListMastersResponse> {
    return this.masters.list();
  }

  @Get('event')
  @RestRpc('Cluster.WatchEvents', {
    summary: 'What happens to the cluster, as server-sent events',
    files: ['text/event-stream'],
  })
  watchEvents(
    @RpcRequest() { after }: cluster.WatchEventsRequest,
    @Headers('last-event-id') last: string | undefined,
    @CallerSignal() signal: AbortSignal,
  ): RestEvents<cluster.ClusterEvent> {
    return new RestEvents(this.events.follow(after === '' ? (last ?? '') : after, signal), ({ id }) => id);
  }
}
