import { once } from 'node:events';
import { Controller, Delete, Get, Injectable, Module, Post, Put } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { NEVER, startWith, type Observable } from 'rxjs';
import { ERROR_CODES, OrbweaverError, type ErrorCode } from '@app/errors';
import { createLogger, Metrics, Readiness } from '@app/observability';
import { cluster, crawler, type worker } from '@app/proto';
import {
  RestEvents,
  RestFile,
  RestRpc,
  RpcRequest,
  Service,
  type CallInterceptor,
  type RpcCall,
  type ServiceOptions,
} from '../index.js';

/** A service with the contract's shapes and no cluster behind it, on random ports of this machine. */

export const SERVICE = 'go.micro.server.master';
export const ANSWER: crawler.NodeSpec = { id: 'go.micro.server.worker-2', Address: '192.168.0.107:9089' };

/** What the handlers were called with, newest last. */
export const received: crawler.ResourceSpec[] = [];

/** A name `fail:CODE` fails with that code, `boom` with an error that nobody foresaw. */
async function add(request: crawler.ResourceSpec): Promise<crawler.NodeSpec> {
  received.push(request);
  const code = request.name.replace('fail:', '');
  if (code in ERROR_CODES) {
    throw new OrbweaverError(code as ErrorCode, `failed with ${code}`);
  }
  if (request.name === 'boom') {
    throw new Error('the password is hunter2');
  }
  if (request.name === 'slow') {
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return ANSWER;
}

@Controller()
@crawler.CrawlerMasterControllerMethods()
class CrawlerGrpcController implements crawler.CrawlerMasterController {
  addResource(request: crawler.ResourceSpec): Promise<crawler.NodeSpec> {
    return add(request);
  }

  deleteResource(): void {}
}

@Controller()
class ClusterGrpcController {
  /** One event, then nothing until the call is ended from outside. */
  @GrpcMethod('Cluster', 'watchResources')
  watch(request: cluster.WatchResourcesRequest): Observable<cluster.ResourceEvent> {
    if (request.prefix === 'boom') {
      throw new Error('the password is hunter2');
    }
    return NEVER.pipe(
      startWith({ kind: cluster.ResourceEvent_Kind.SYNCED, resource: undefined, revision: 7n }),
    );
  }
}

async function* happenings(after: string): AsyncGenerator<cluster.ClusterEvent> {
  for (let n = Number(after) + 1; n <= 3; n++) {
    yield {
      id: String(n),
      at: undefined,
      kind: 'test',
      message: 'two\nlines',
      subject: '',
      to: '',
      count: n,
    };
  }
  if (after === '3') throw new OrbweaverError('RESOURCE_EXHAUSTED', 'events were missed');
}

/** Aborted by the test that wants the file to break. */
export const breaking = new AbortController();

async function* pieces(breaks: boolean): AsyncGenerator<Buffer> {
  yield Buffer.from('a,b\n');
  if (breaks) {
    await once(breaking.signal, 'abort');
    throw new Error('the password is hunter2');
  }
  yield Buffer.from('1,2\n');
  yield Buffer.from('3,4\n');
}

@Controller('crawler')
class CrawlerRestController {
  @Post('resource')
  @RestRpc('CrawlerMaster.AddResource', {
    summary: 'Adds a resource',
    request: { id: 'zjx', name: 'task-test-4' },
    answer: ANSWER,
    options: ['pending'],
  })
  add(@RpcRequest() request: crawler.ResourceSpec): Promise<crawler.NodeSpec> {
    return add(request);
  }

  @Delete('resource')
  @RestRpc('CrawlerMaster.DeleteResource')
  delete(@RpcRequest() request: crawler.ResourceSpec): object {
    received.push(request);
    return {};
  }

  @Get('resource')
  @RestRpc('Cluster.ListResources')
  list(@RpcRequest() request: cluster.ListResourcesRequest): cluster.ListResourcesResponse {
    return {
      resources: [],
      nextPageToken: `${request.pageSize}/${request.nodeId}`,
      total: request.pageSize,
      counts: [],
    };
  }

  @Get('resource/:name')
  @RestRpc('Cluster.GetResource')
  get(@RpcRequest() request: cluster.GetResourceRequest): cluster.Resource {
    return {
      id: '1',
      name: request.name,
      nodeId: '',
      nodeAddress: '',
      createdAt: { seconds: 0n, nanos: 0 },
      epoch: 1675470192274320000n,
      spec: '',
      task: undefined,
      control: undefined,
      nextRunAt: undefined,
    };
  }

  /** Three events, from the one after that on; after the third it breaks. */
  @Get('event')
  @RestRpc('Cluster.WatchEvents', { files: ['text/event-stream'] })
  events(@RpcRequest() { after }: cluster.WatchEventsRequest): RestEvents<cluster.ClusterEvent> {
    return new RestEvents(happenings(after), ({ id }) => id);
  }

  /** A file in three pieces; of `fail:CODE` there is none, that of `boom` breaks after the first. */
  @Get('resource/:name/items')
  @RestRpc('Cluster.ExportItems', { files: ['text/csv'] })
  async items(@RpcRequest() { name }: worker.ExportItemsRequest): Promise<RestFile> {
    if (name !== 'boom') await add({ id: '', name, assignedNode: '', creationTime: 0n, spec: '' });
    return new RestFile('text/csv', `${name}.csv`, pieces(name === 'boom'));
  }

  @Post('resources')
  @RestRpc('Cluster.AddResources')
  addAll(@RpcRequest() request: cluster.AddResourcesRequest): cluster.AddResourcesResponse {
    const results = request.resources.map(({ name, spec }) => ({
      id: name,
      nodeId: spec,
      nodeAddress: '',
      code: 0,
      message: '',
    }));
    return { results };
  }

  @Put('resource/:name/spec')
  @RestRpc('Cluster.UpdateSpec', { body: 'spec' })
  respec(@RpcRequest() request: cluster.UpdateSpecRequest): Partial<cluster.Resource> {
    return { name: request.name, spec: request.spec };
  }
}

/** Answers the name `intercepted` itself, and notes the calls that it saw. */
@Injectable()
export class SpyInterceptor implements CallInterceptor {
  readonly calls: RpcCall[] = [];
  readonly errors: unknown[] = [];

  async intercept(call: RpcCall, next: () => Promise<unknown>): Promise<unknown> {
    this.calls.push(call);
    if ((call.request as { name?: string }).name === 'intercepted') {
      return { id: 'elsewhere', Address: 'far:1' };
    }
    try {
      return await next();
    } catch (error) {
      this.errors.push(error);
      throw error;
    }
  }
}

@Module({
  controllers: [CrawlerGrpcController, ClusterGrpcController, CrawlerRestController],
  providers: [SpyInterceptor],
})
class ContractModule {}

export interface RunningContract {
  readonly service: Service;
  readonly readiness: Readiness;
  readonly spy: SpyInterceptor;
  readonly rest: string;
  readonly grpc: string;
  readonly grpcPort: number;
  /** The log so far, line by line. */
  logged(): Record<string, unknown>[];
}

export async function startContract(options: Partial<ServiceOptions> = {}): Promise<RunningContract> {
  const lines: string[] = [];
  const readiness = new Readiness();
  const loopback = { host: '127.0.0.1', port: 0 };
  const service = await Service.create({
    name: SERVICE,
    module: ContractModule,
    services: [crawler.CrawlerMasterService, cluster.ClusterService],
    interceptor: SpyInterceptor,
    http: loopback,
    grpc: loopback,
    logger: createLogger({ name: 'master', destination: { write: (line) => void lines.push(line) } }),
    metrics: new Metrics({ processMetrics: false }),
    readiness,
    docs: { title: 'Orbweaver', description: 'test', version: '1' },
    ...options,
  });
  const at = await service.listen();
  return {
    service,
    readiness,
    spy: service.app.get(SpyInterceptor),
    rest: `http://127.0.0.1:${at.http.port}`,
    grpc: `127.0.0.1:${at.grpc.port}`,
    grpcPort: at.grpc.port,
    logged: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
