import { Controller, Delete, Get, Post, Put } from '@nestjs/common';
import type { cluster, crawler, worker } from '@app/proto';
import { RestRpc, RpcRequest } from '@app/transport';
import { Pending, Strong } from '../api/call-options.js';
import { CrawlerMaster } from '../api/crawler-master.js';
import { Masters } from '../api/masters.js';
import { Nodes } from '../api/nodes.js';
import { Pages } from '../api/pages.js';
import { Resources } from '../api/resources.js';
import { LeaderIfStrong, LeaderOnly } from '../forwarding/leader-only.js';

@Controller('crawler')
export class CrawlerRestController {
  constructor(
    private readonly crawlerMaster: CrawlerMaster,
    private readonly resources: Resources,
    private readonly nodes: Nodes,
    private readonly masters: Masters,
    private readonly pages: Pages,
  ) {}

  @Post('resource')
  @LeaderOnly()
  @RestRpc('CrawlerMaster.AddResource')
  addResource(
    @RpcRequest() request: crawler.ResourceSpec,
    @Pending() pending: boolean,
  ): Promise<crawler.NodeSpec> {
    return this.crawlerMaster.addResource(request, pending);
  }

  @Delete('resource')
  @LeaderOnly()
  @RestRpc('CrawlerMaster.DeleteResource')
  deleteResource(@RpcRequest() request: crawler.ResourceSpec): Promise<void> {
    return this.crawlerMaster.deleteResource(request);
  }

  @Get('resource')
  @LeaderIfStrong()
  @RestRpc('Cluster.ListResources')
  listResources(
    @RpcRequest() request: cluster.ListResourcesRequest,
    @Strong() strong: boolean,
  ): Promise<cluster.ListResourcesResponse> {
    return this.resources.list(request, strong);
  }

  @Get('resource/:name')
  @LeaderIfStrong()
  @RestRpc('Cluster.GetResource')
  getResource(
    @RpcRequest() request: cluster.GetResourceRequest,
    @Strong() strong: boolean,
  ): Promise<cluster.Resource> {
    return this.resources.get(request, strong);
  }

  @Put('resource/:name/spec')
  @LeaderOnly()
  @RestRpc('Cluster.UpdateSpec')
  updateSpec(@RpcRequest() request: cluster.UpdateSpecRequest): Promise<cluster.Resource> {
    return this.resources.updateSpec(request);
  }

  @Get('resource/:name/pages')
  @RestRpc('Cluster.ListPages')
  listPages(@RpcRequest() request: worker.ListPagesRequest): Promise<worker.ListPagesResponse> {
    return this.pages.list(request);
  }

  @Post('resources')
  @LeaderOnly()
  @RestRpc('Cluster.AddResources')
  addResources(
    @RpcRequest() request: cluster.AddResourcesRequest,
    @Pending() pending: boolean,
  ): Promise<cluster.AddResourcesResponse> {
    return this.resources.addAll(request, pending);
  }

  @Get('node')
  @RestRpc('Cluster.ListNodes')
  listNodes(): Promise<cluster.ListNodesResponse> {
    return this.nodes.list();
  }

  @Post('node/:id/drain')
  @LeaderOnly()
  @RestRpc('Cluster.DrainNode')
  drainNode(@RpcRequest() request: cluster.DrainNodeRequest): Promise<cluster.Node> {
    return this.nodes.drain(request);
  }

  @Delete('node/:id/drain')
  @LeaderOnly()
  @RestRpc('Cluster.UndrainNode')
  undrainNode(@RpcRequest() request: cluster.UndrainNodeRequest): Promise<cluster.Node> {
    return this.nodes.undrain(request);
  }

  @Get('master')
  @RestRpc('Cluster.ListMasters')
  listMasters(): cluster.ListMastersResponse {
    return this.masters.list();
  }
}
