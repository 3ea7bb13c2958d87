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
import * as examples from './examples.js';

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
  @RestRpc('CrawlerMaster.AddResource', {
    summary: 'Give a resource to a worker',
    request: examples.addition,
    answer: examples.assignment,
    options: ['pending'],
  })
  addResource(
    @RpcRequest() request: crawler.ResourceSpec,
    @Pending() pending: boolean,
  ): Promise<crawler.NodeSpec> {
    return this.crawlerMaster.addResource(request, pending);
  }

  @Delete('resource')
  @LeaderOnly()
  @RestRpc('CrawlerMaster.DeleteResource', {
    summary: 'Take a resource away, with its spec',
    request: examples.removal,
    answer: {},
  })
  deleteResource(@RpcRequest() request: crawler.ResourceSpec): Promise<void> {
    return this.crawlerMaster.deleteResource(request);
  }

  @Get('resource')
  @LeaderIfStrong()
  @RestRpc('Cluster.ListResources', {
    summary: 'Resources in the order of their names, page by page',
    answer: examples.resources,
    options: ['consistency'],
  })
  listResources(
    @RpcRequest() request: cluster.ListResourcesRequest,
    @Strong() strong: boolean,
  ): Promise<cluster.ListResourcesResponse> {
    return this.resources.list(request, strong);
  }

  @Get('resource/:name')
  @LeaderIfStrong()
  @RestRpc('Cluster.GetResource', {
    summary: 'One resource, its spec, and how far its crawl is',
    answer: examples.resource,
    options: ['consistency'],
  })
  getResource(
    @RpcRequest() request: cluster.GetResourceRequest,
    @Strong() strong: boolean,
  ): Promise<cluster.Resource> {
    return this.resources.get(request, strong);
  }

  @Put('resource/:name/spec')
  @LeaderOnly()
  @RestRpc('Cluster.UpdateSpec', {
    summary: 'Replace what a resource crawls',
    body: 'spec',
    request: examples.spec,
    answer: examples.resource,
  })
  updateSpec(@RpcRequest() request: cluster.UpdateSpecRequest): Promise<cluster.Resource> {
    return this.resources.updateSpec(request);
  }

  @Get('resource/:name/pages')
  @RestRpc('Cluster.ListPages', { summary: 'The pages that the crawl has stored', answer: examples.pages })
  listPages(@RpcRequest() request: worker.ListPagesRequest): Promise<worker.ListPagesResponse> {
    return this.pages.list(request);
  }

  @Post('resources')
  @LeaderOnly()
  @RestRpc('Cluster.AddResources', {
    summary: 'Many resources at once, one result for each',
    request: examples.additions,
    answer: examples.additionResults,
    options: ['pending'],
  })
  addResources(
    @RpcRequest() request: cluster.AddResourcesRequest,
    @Pending() pending: boolean,
  ): Promise<cluster.AddResourcesResponse> {
    return this.resources.addAll(request, pending);
  }

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

  @Get('master')
  @RestRpc('Cluster.ListMasters', { summary: 'The masters, and who of them leads', answer: examples.masters })
  listMasters(): cluster.ListMastersResponse {
    return this.masters.list();
  }
}
