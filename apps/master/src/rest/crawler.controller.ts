import { Controller, Delete, Get, Post, Put } from '@nestjs/common';
import type { cluster, crawler, worker } from '@app/proto';
import { type RestFile, RestRpc, RpcRequest } from '@app/transport';
import { CallerSignal, Pending, Strong } from '../api/call-options.js';
import { Additions } from '../api/additions.js';
import { Controls } from '../api/controls.js';
import { CrawlerMaster } from '../api/crawler-master.js';
import { Explanations } from '../api/explanations.js';
import { Masters } from '../api/masters.js';
import { Nodes } from '../api/nodes.js';
import { Resources } from '../api/resources.js';
import { Results } from '../api/results.js';
import { LeaderIfStrong, LeaderOnly } from '../forwarding/leader-only.js';
import * as examples from './examples.js';
import { itemsFile } from './items-file.js';

@Controller('crawler')
export class CrawlerRestController {
  constructor(
    private readonly crawlerMaster: CrawlerMaster,
    private readonly resources: Resources,
    private readonly additions: Additions,
    private readonly controls: Controls,
    private readonly explanations: Explanations,
    private readonly nodes: Nodes,
    private readonly masters: Masters,
    private readonly results: Results,
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
    return this.additions.updateSpec(request);
  }

  @Get('resource/:name/explain')
  @RestRpc('Cluster.ExplainResource', { summary: 'Why it does not move', answer: examples.explanation })
  explainResource(@RpcRequest() request: cluster.ExplainResourceRequest): Promise<cluster.Explanation> {
    return this.explanations.explain(request);
  }

  @Post('resource/:name/pause')
  @LeaderOnly()
  @RestRpc('Cluster.PauseResource', { summary: 'Stop a crawl where it stands', answer: examples.paused })
  pauseResource(@RpcRequest() request: cluster.PauseResourceRequest): Promise<cluster.Resource> {
    return this.controls.pause(request);
  }

  @Post('resource/:name/resume')
  @LeaderOnly()
  @RestRpc('Cluster.ResumeResource', {
    summary: 'Let a paused crawl go on',
    answer: examples.resumed,
  })
  resumeResource(@RpcRequest() request: cluster.ResumeResourceRequest): Promise<cluster.Resource> {
    return this.controls.resume(request);
  }

  @Post('resource/:name/restart')
  @LeaderOnly()
  @RestRpc('Cluster.RestartResource', {
    summary: 'Begin another run',
    request: examples.restart,
    answer: examples.restarted,
  })
  restartResource(@RpcRequest() request: cluster.RestartResourceRequest): Promise<cluster.Resource> {
    return this.controls.restart(request);
  }

  @Post('resource/:name/retry')
  @LeaderOnly()
  @RestRpc('Cluster.RetryFailures', {
    summary: 'Try failed pages again',
    request: examples.retry,
    answer: examples.retried,
  })
  retryFailures(@RpcRequest() request: cluster.RetryFailuresRequest): Promise<cluster.Resource> {
    return this.controls.retry(request);
  }

  @Get('resource/:name/items')
  @RestRpc('Cluster.ExportItems', { summary: 'All items, as a file', files: examples.itemFiles })
  async exportItems(
    @RpcRequest() request: worker.ExportItemsRequest,
    @CallerSignal() signal: AbortSignal,
  ): Promise<RestFile> {
    return itemsFile(await this.results.exportItems(request, signal));
  }

  @Get('resource/:name/items/page')
  @RestRpc('Cluster.ListItems', { summary: 'Items page by page', answer: examples.items })
  listItems(@RpcRequest() request: worker.ListItemsRequest): Promise<worker.ListItemsResponse> {
    return this.results.items(request);
  }

  @Get('resource/:name/pages')
  @RestRpc('Cluster.ListPages', { summary: 'The pages that the crawl has stored', answer: examples.pages })
  listPages(@RpcRequest() request: worker.ListPagesRequest): Promise<worker.ListPagesResponse> {
    return this.results.pages(request);
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
    return this.additions.addAll(request, pending);
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
