import { Controller, Get } from '@nestjs/common';
import type { cluster } from '@app/proto';
import { CallerSignal, RestEvents, RestRpc, RpcRequest } from '@app/transport';
import { LiveCluster } from '../api/live-cluster.js';
import { LiveResources } from '../api/live-resources.js';
import { ResourceLists } from '../api/resource-lists.js';

/** What is told as it is now and whenever it is another, as server-sent events. */
@Controller('crawler')
export class LiveRestController {
  constructor(
    private readonly lists: ResourceLists,
    private readonly resources: LiveResources,
    private readonly cluster: LiveCluster,
  ) {}

  @Get('resources/watch')
  @RestRpc('Cluster.WatchList', {
    summary: 'A page of resources, now and whenever it is another, as server-sent events',
    files: ['text/event-stream'],
  })
  watchList(
    @RpcRequest() request: cluster.ListResourcesRequest,
    @CallerSignal() signal: AbortSignal,
  ): RestEvents<cluster.ListResourcesResponse> {
    return new RestEvents(this.lists.watch(request, signal));
  }

  @Get('resource/:name/watch')
  @RestRpc('Cluster.WatchResource', {
    summary: 'One resource, now and whenever it is another, as server-sent events',
    files: ['text/event-stream'],
  })
  watchResource(
    @RpcRequest() request: cluster.GetResourceRequest,
    @CallerSignal() signal: AbortSignal,
  ): RestEvents<cluster.Resource> {
    return new RestEvents(this.resources.watch(request, signal));
  }

  @Get('cluster/watch')
  @RestRpc('Cluster.WatchCluster', {
    summary: 'The whole cluster, now and whenever it is another, as server-sent events',
    files: ['text/event-stream'],
  })
  watchCluster(@CallerSignal() signal: AbortSignal): RestEvents<cluster.ClusterStatus> {
    return new RestEvents(this.cluster.watch(signal));
  }
}
