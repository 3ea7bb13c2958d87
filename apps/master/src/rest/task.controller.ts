import { Controller, Get, Headers, Post } from '@nestjs/common';
import type { worker } from '@app/proto';
import { CallerSignal, RestEvents, RestRpc, RpcRequest } from '@app/transport';
import { Results } from '../api/results.js';
import { TaskLog } from '../api/task-log.js';
import { TaskWork } from '../api/task-work.js';
import * as examples from './examples.js';

/** How tasks go: what they say, where they are, how they went; and what one would find. */
@Controller('crawler')
export class TaskRestController {
  constructor(
    private readonly results: Results,
    private readonly log: TaskLog,
    private readonly work: TaskWork,
  ) {}

  @Get('resource/:name/history')
  @RestRpc('Cluster.GetHistory', { summary: 'How its crawl went, over time', answer: examples.history })
  getHistory(@RpcRequest() request: worker.GetHistoryRequest): Promise<worker.History> {
    return this.results.history(request);
  }

  @Get('resource/:name/log')
  @RestRpc('Cluster.ReadLog', {
    summary: 'What its task has said and, with `follow`, says, as server-sent events',
    files: ['text/event-stream'],
  })
  async readLog(
    @RpcRequest() request: worker.ReadLogRequest,
    @Headers('last-event-id') last: string | undefined,
    @CallerSignal() signal: AbortSignal,
  ): Promise<RestEvents<worker.LogLines>> {
    const after = request.after === 0n && /^\d{1,18}$/.test(last ?? '') ? BigInt(last ?? '') : request.after;
    const lines = await this.log.read({ ...request, after }, signal);
    return new RestEvents(lines, (message) => String(message.lines.at(-1)?.number ?? after));
  }

  @Get('resource/:name/hosts')
  @RestRpc('Cluster.ListHosts', { summary: 'The hosts that its task is at', answer: examples.hosts })
  listHosts(@RpcRequest() request: worker.ListHostsRequest): Promise<worker.ListHostsResponse> {
    return this.work.hosts(request);
  }

  @Post('try')
  @RestRpc('Cluster.TryPage', {
    summary: 'What a spec would find on one page',
    request: examples.trial,
    answer: examples.tried,
  })
  tryPage(
    @RpcRequest() request: worker.TryPageRequest,
    @CallerSignal() signal: AbortSignal,
  ): Promise<worker.TriedPage> {
    return this.work.tryPage(request, signal);
  }
}
