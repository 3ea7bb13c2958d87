import { Controller, Delete, Get, Post, Put } from '@nestjs/common';
import type { cluster, crawler } from '@app/proto';
import { RestRpc, RpcRequest } from '@app/transport';
import { Additions } from '../api/additions.js';
import { Pending, Strong } from '../api/call-options.js';
import { Controls } from '../api/controls.js';
import { CrawlerMaster } from '../api/crawler-master.js';
import { Explanations } from '../api/explanations.js';
import { ResourceLists } from '../api/resource-lists.js';
import { Resources } from '../api/resources.js';
import { SpecHistory } from '../api/spec-history.js';
import { LeaderIfStrong, LeaderOnly } from '../forwarding/leader-only.js';
import * as examples from './examples.js';

/** Resources: what there is, and what is wanted of it. */
@Controller('crawler')
export class ResourceRestController {
  constructor(
    private readonly crawlerMaster: CrawlerMaster,
    private readonly resources: Resources,
    private readonly lists: ResourceLists,
    private readonly additions: Additions,
    private readonly controls: Controls,
    private readonly explanations: Explanations,
    private readonly specs: SpecHistory,
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
    summary: 'Resources, page by page, by name or in another order',
    answer: examples.resources,
    options: ['consistency'],
  })
  listResources(
    @RpcRequest() request: cluster.ListResourcesRequest,
    @Strong() strong: boolean,
  ): Promise<cluster.ListResourcesResponse> {
    return this.lists.list(request, strong);
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

  @Get('resource/:name/specs')
  @RestRpc('Cluster.ListSpecs', { summary: 'What it crawled before', answer: examples.specs })
  listSpecs(@RpcRequest() request: cluster.ListSpecsRequest): Promise<cluster.ListSpecsResponse> {
    return this.specs.list(request);
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
}
