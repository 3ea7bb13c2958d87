import { Controller } from '@nestjs/common';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Observable } from 'rxjs';
import { cluster, type worker } from '@app/proto';
import { CallerSignal, GrpcStream, pacedStream, RpcRequest } from '@app/transport';
import { Gathered, Pending, Strong } from '../api/call-options.js';
import { Additions } from '../api/additions.js';
import { Controls } from '../api/controls.js';
import { Explanations } from '../api/explanations.js';
import { LiveCluster } from '../api/live-cluster.js';
import { LiveResources } from '../api/live-resources.js';
import { Masters } from '../api/masters.js';
import { Nodes } from '../api/nodes.js';
import { Profiles } from '../api/profiles.js';
import { ResourceLists } from '../api/resource-lists.js';
import { Resources } from '../api/resources.js';
import { Results } from '../api/results.js';
import { SpecHistory } from '../api/spec-history.js';
import { TaskLog } from '../api/task-log.js';
import { TaskWork } from '../api/task-work.js';
import { EventLog } from '../events/event-log.js';
import { LeaderIfStrong, LeaderOnly } from '../forwarding/leader-only.js';

@Controller()
@cluster.ClusterControllerMethods()
export class ClusterGrpcController {
  constructor(
    private readonly resources: Resources,
    private readonly lists: ResourceLists,
    private readonly liveResources: LiveResources,
    private readonly liveCluster: LiveCluster,
    private readonly additions: Additions,
    private readonly controls: Controls,
    private readonly explanations: Explanations,
    private readonly nodes: Nodes,
    private readonly masters: Masters,
    private readonly events: EventLog,
    private readonly results: Results,
    private readonly log: TaskLog,
    private readonly work: TaskWork,
    private readonly profiles: Profiles,
    private readonly specs: SpecHistory,
  ) {}

  @LeaderIfStrong()
  getResource(
    @RpcRequest() request: cluster.GetResourceRequest,
    @Strong() strong: boolean,
  ): Promise<cluster.Resource> {
    return this.resources.get(request, strong);
  }

  @LeaderIfStrong()
  listResources(
    @RpcRequest() request: cluster.ListResourcesRequest,
    @Strong() strong: boolean,
  ): Promise<cluster.ListResourcesResponse> {
    return this.lists.list(request, strong);
  }

  @LeaderOnly()
  addResources(
    @RpcRequest() request: cluster.AddResourcesRequest,
    @Pending() pending: boolean,
    @Gathered() gathered: readonly string[] | undefined,
  ): Promise<cluster.AddResourcesResponse> {
    return gathered === undefined
      ? this.additions.addAll(request, pending)
      : this.additions.addGathered(request, gathered);
  }

  @LeaderOnly()
  updateSpec(@RpcRequest() request: cluster.UpdateSpecRequest): Promise<cluster.Resource> {
    return this.additions.updateSpec(request);
  }

  listNodes(): Promise<cluster.ListNodesResponse> {
    return this.nodes.list();
  }

  @LeaderOnly()
  drainNode(@RpcRequest() request: cluster.DrainNodeRequest): Promise<cluster.Node> {
    return this.nodes.drain(request);
  }

  @LeaderOnly()
  undrainNode(@RpcRequest() request: cluster.UndrainNodeRequest): Promise<cluster.Node> {
    return this.nodes.undrain(request);
  }

  listMasters(): Promise<cluster.ListMastersResponse> {
    return this.masters.list();
  }

  watchResources(
    @RpcRequest() request: cluster.WatchResourcesRequest,
    @GrpcStream() call: ServerWritableStream<cluster.WatchResourcesRequest, cluster.ResourceEvent>,
  ): Observable<cluster.ResourceEvent> {
    return pacedStream(call, (signal) => this.resources.watch(request, signal));
  }

  explainResource(@RpcRequest() request: cluster.ExplainResourceRequest): Promise<cluster.Explanation> {
    return this.explanations.explain(request);
  }

  @LeaderOnly()
  pauseResource(@RpcRequest() request: cluster.PauseResourceRequest): Promise<cluster.Resource> {
    return this.controls.pause(request);
  }

  @LeaderOnly()
  resumeResource(@RpcRequest() request: cluster.ResumeResourceRequest): Promise<cluster.Resource> {
    return this.controls.resume(request);
  }

  @LeaderOnly()
  restartResource(@RpcRequest() request: cluster.RestartResourceRequest): Promise<cluster.Resource> {
    return this.controls.restart(request);
  }

  @LeaderOnly()
  retryFailures(@RpcRequest() request: cluster.RetryFailuresRequest): Promise<cluster.Resource> {
    return this.controls.retry(request);
  }

  listItems(@RpcRequest() request: worker.ListItemsRequest): Promise<worker.ListItemsResponse> {
    return this.results.items(request);
  }

  exportItems(
    @RpcRequest() request: worker.ExportItemsRequest,
    @GrpcStream() call: ServerWritableStream<worker.ExportItemsRequest, worker.ExportChunk>,
  ): Observable<worker.ExportChunk> {
    return pacedStream(call, (signal) => this.results.exportItems(request, signal));
  }

  watchEvents(
    @RpcRequest() { after }: cluster.WatchEventsRequest,
    @GrpcStream() call: ServerWritableStream<cluster.WatchEventsRequest, cluster.ClusterEvent>,
  ): Observable<cluster.ClusterEvent> {
    return pacedStream(call, (signal) => this.events.follow(after, signal));
  }

  listEvents(): cluster.ListEventsResponse {
    return { events: [...this.events.list()] };
  }

  listPages(@RpcRequest() request: worker.ListPagesRequest): Promise<worker.ListPagesResponse> {
    return this.results.pages(request);
  }

  watchList(
    @RpcRequest() request: cluster.ListResourcesRequest,
    @GrpcStream() call: ServerWritableStream<cluster.ListResourcesRequest, cluster.ListResourcesResponse>,
  ): Observable<cluster.ListResourcesResponse> {
    return pacedStream(call, (signal) => this.lists.watch(request, signal));
  }

  watchResource(
    @RpcRequest() request: cluster.GetResourceRequest,
    @GrpcStream() call: ServerWritableStream<cluster.GetResourceRequest, cluster.Resource>,
  ): Observable<cluster.Resource> {
    return pacedStream(call, (signal) => this.liveResources.watch(request, signal));
  }

  watchCluster(
    @GrpcStream() call: ServerWritableStream<cluster.WatchClusterRequest, cluster.ClusterStatus>,
  ): Observable<cluster.ClusterStatus> {
    return pacedStream(call, (signal) => this.liveCluster.watch(signal));
  }

  getHistory(@RpcRequest() request: worker.GetHistoryRequest): Promise<worker.History> {
    return this.results.history(request);
  }

  readLog(
    @RpcRequest() request: worker.ReadLogRequest,
    @GrpcStream() call: ServerWritableStream<worker.ReadLogRequest, worker.LogLines>,
  ): Observable<worker.LogLines> {
    return pacedStream(call, (signal) => this.log.read(request, signal));
  }

  listHosts(@RpcRequest() request: worker.ListHostsRequest): Promise<worker.ListHostsResponse> {
    return this.work.hosts(request);
  }

  tryPage(
    @RpcRequest() request: worker.TryPageRequest,
    @CallerSignal() signal: AbortSignal,
  ): Promise<worker.TriedPage> {
    return this.work.tryPage(request, signal);
  }

  listSpecs(@RpcRequest() request: cluster.ListSpecsRequest): Promise<cluster.ListSpecsResponse> {
    return this.specs.list(request);
  }

  takeProfile(
    @RpcRequest() request: cluster.TakeProfileRequest,
    @GrpcStream() call: ServerWritableStream<cluster.TakeProfileRequest, worker.ExportChunk>,
  ): Observable<worker.ExportChunk> {
    return pacedStream(call, (signal) => this.profiles.take(request, signal));
  }
}
