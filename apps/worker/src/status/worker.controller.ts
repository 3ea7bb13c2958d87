import { Controller } from '@nestjs/common';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { worker as proto } from '@app/proto';
import { CallerSignal, GrpcStream, pacedStream, RpcRequest } from '@app/transport';
import type { Observable } from 'rxjs';
import { TaskBoard } from '../board/task-board.js';
import { PageTrials } from '../preview/page-trials.js';
import { StoredLogs } from '../results/stored-logs.js';
import { StoredResults } from '../results/stored-results.js';
import { TaskReports } from './task-reports.js';
import { WorkerStatus } from './worker-status.js';

@Controller()
@proto.WorkerControllerMethods()
export class WorkerGrpcController implements Omit<
  proto.WorkerController,
  'exportItems' | 'readLog' | 'tryPage' | 'watchTasks'
> {
  constructor(
    private readonly status: WorkerStatus,
    private readonly reports: TaskReports,
    private readonly results: StoredResults,
    private readonly trials: PageTrials,
    private readonly board: TaskBoard,
    private readonly logs: StoredLogs,
  ) {}

  getStatus(): proto.WorkerStatus {
    return this.status.worker();
  }

  getTask(@RpcRequest() { name }: proto.GetTaskRequest): Promise<proto.TaskStatus> {
    return this.reports.task(name);
  }

  async listTasks(@RpcRequest() { names }: proto.ListTasksRequest): Promise<proto.ListTasksResponse> {
    return { tasks: await this.reports.tasks(names) };
  }

  listPages(@RpcRequest() request: proto.ListPagesRequest): Promise<proto.ListPagesResponse> {
    return this.results.pages(request);
  }

  listItems(@RpcRequest() request: proto.ListItemsRequest): Promise<proto.ListItemsResponse> {
    return this.results.items(request);
  }

  exportItems(
    @RpcRequest() request: proto.ExportItemsRequest,
    @GrpcStream() call: ServerWritableStream<proto.ExportItemsRequest, proto.ExportChunk>,
  ): Observable<proto.ExportChunk> {
    return pacedStream(call, (signal) => this.results.export(request, signal));
  }

  getHistory(@RpcRequest() request: proto.GetHistoryRequest): Promise<proto.History> {
    return this.results.history(request);
  }

  readLog(
    @RpcRequest() request: proto.ReadLogRequest,
    @GrpcStream() call: ServerWritableStream<proto.ReadLogRequest, proto.LogLines>,
  ): Observable<proto.LogLines> {
    return pacedStream(call, (signal) => this.logs.read(request, signal));
  }

  listHosts(@RpcRequest() request: proto.ListHostsRequest): proto.ListHostsResponse {
    return this.reports.hosts(request);
  }

  watchTasks(
    @GrpcStream() call: ServerWritableStream<proto.WatchTasksRequest, proto.TaskChanges>,
  ): Observable<proto.TaskChanges> {
    return pacedStream(call, (signal) => this.board.follow(signal));
  }

  tryPage(
    @RpcRequest() request: proto.TryPageRequest,
    @CallerSignal() signal: AbortSignal,
  ): Promise<proto.TriedPage> {
    return this.trials.try(request, signal);
  }
}
