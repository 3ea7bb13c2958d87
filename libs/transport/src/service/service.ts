import { constants } from 'node:os';
import { setLogger, type ServiceDefinition } from '@grpc/grpc-js';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  namedLogger,
  nestLines,
  PprofServer,
  startHeapSampling,
  type Logger,
  type Metrics,
  type Readiness,
} from '@app/observability';
import { Logger as NestPinoLogger, LoggerModule } from 'nestjs-pino';
import { greeter, health, process as processProto } from '@app/proto';
import { FAULT_HANDLERS } from '../rest/fault-handlers.js';
import { serveDocs } from '../docs/docs-page.js';
import type { Docs } from '../docs/openapi.js';
import { rpcRoutes } from '../docs/routes.js';
import { serveStaticPages } from '../pages/static-pages.js';
import { GrpcTransport, serviceName } from '../grpc/grpc-transport.js';
import { CallPipeline } from '../request/call-pipeline.js';
import type { CallInterceptor } from '../request/rpc-call.js';
import { noteRoutes } from '../rest/allowed-methods.js';
import { takeBodiesAsBytes } from '../rest/body.js';
import { cannotListen, type ListenAddress } from './listen-address.js';
import { TransportModule } from './transport.module.js';

export interface ServiceOptions {
  /** The registered name: `go.micro.server.master`. */
  readonly name: string;
  /** The application: its controllers and what they need. */
  readonly module: Type | DynamicModule;
  /** Besides the Greeter, Process, health and reflection, which every service has. */
  readonly services: readonly ServiceDefinition[];
  /** A provider of the application that stands around every call. */
  readonly interceptor?: Type<CallInterceptor>;
  readonly http: ListenAddress;
  readonly grpc: ListenAddress;
  readonly pprof?: ListenAddress | undefined;
  /** Swagger UI under /docs; none when absent. */
  readonly docs?: Docs;
  /** Directory of files that are served at `/`; nothing when it was not built. */
  readonly pages?: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  /** For the whole of stopping; what is not done by then is cut. */
  readonly shutdownTimeoutMs?: number;
}

/** The addresses that were really bound. */
export interface BoundAddresses {
  readonly http: ListenAddress;
  readonly grpc: ListenAddress;
  readonly pprof?: ListenAddress;
}

const LINGER_MS = 2_000;
const SAMPLE_AFTER_MS = 2_000;

export type StopStep = (signal: AbortSignal) => Promise<void> | void;

/**
 * A process of the cluster: REST, gRPC, probes and pprof over one Nest application, with an order for
 * its end. Use: create, `listen`, start what needs the bound addresses and give each an `onStop`, log
 * ready, `await run()`.
 *
 * To stop: the steps of `onStop`, newest first, while calls are still served (leave the registry, resign);
 * then no new calls; then Nest's own shutdown hooks (close connections); then the log is flushed.
 */
export class Service {
  private readonly steps: { name: string; step: StopStep }[] = [];
  private readonly stopped = new AbortController();
  private pprof: PprofServer | undefined;
  private stopOnce: Promise<void> | undefined;
  private end: (exitCode: number) => void = () => {};

  private constructor(
    readonly app: NestFastifyApplication,
    private readonly grpc: GrpcTransport,
    private readonly options: ServiceOptions,
  ) {}

  static async create(options: ServiceOptions): Promise<Service> {
    setLogger(grpcLines(options.logger));
    const shared = [greeter.GreeterService, health.HealthService, processProto.ProcessService];
    const services = [...shared, ...options.services];
    @Module({})
    class Root {}
    const root: DynamicModule = {
      module: Root,
      imports: [
        // For Nest's own lines. Requests have the contract's line, so its middleware is bound to no route.
        LoggerModule.forRoot({
          pinoHttp: { logger: nestLines(options.logger), autoLogging: false },
          forRoutes: [],
        }),
        TransportModule.forProcess({
          name: options.name,
          services: new Set(services.map(serviceName)),
          logger: options.logger,
          metrics: options.metrics,
          readiness: options.readiness,
        }),
        options.module,
      ],
    };
    const adapter = new FastifyAdapter({ forceCloseConnections: 'idle', ...FAULT_HANDLERS });
    noteRoutes(adapter.getInstance());
    const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
      bufferLogs: true,
      bodyParser: false,
      abortOnError: false,
    });
    app.useLogger(app.get(NestPinoLogger));
    takeBodiesAsBytes(adapter.getInstance());
    const pipeline = app.get(CallPipeline);
    if (options.interceptor !== undefined) {
      pipeline.use(app.get(options.interceptor, { strict: false }));
    }
    const grpc = new GrpcTransport({
      listen: options.grpc,
      services,
      alias: options.name,
      pipeline,
    });
    app.connectMicroservice({ strategy: grpc }, { inheritAppConfig: true });
    if (options.docs !== undefined) {
      serveDocs(adapter.getInstance(), options.docs, () => rpcRoutes(app.get(ModulesContainer)));
    }
    if (options.pages !== undefined) await serveStaticPages(adapter.getInstance(), options.pages);
    return new Service(app, grpc, options);
  }

  /** Binds every address or, with an error that names the one that failed, none. */
  async listen(): Promise<BoundAddresses> {
    const { http, grpc, pprof } = this.options;
    try {
      await this.app.startAllMicroservices();
      await this.app.listen(http.port, http.host === '' ? '::' : http.host).catch((error: unknown) => {
        throw cannotListen('HTTP', http, error);
      });
      if (pprof !== undefined) {
        this.pprof = await PprofServer.listen(pprof);
      }
    } catch (error) {
      await this.app.close();
      throw error;
    }
    this.sampleHeap();
    const address = this.app.getHttpServer().address() as { port: number };
    return {
      http: { host: http.host, port: address.port },
      grpc: { host: grpc.host, port: this.grpc.boundPort },
      ...(pprof === undefined || this.pprof === undefined
        ? {}
        : { pprof: { host: pprof.host, port: this.pprof.address.port } }),
    };
  }

  /** Aborts when stopping begins. */
  get stopping(): AbortSignal {
    return this.stopped.signal;
  }

  /** Steps run newest first. One that fails or outlives the deadline does not keep the others from running. */
  onStop(name: string, step: StopStep): void {
    this.steps.push({ name, step });
  }

  /** Stops, once; later calls wait for the same end. */
  stop(reason: string): Promise<void> {
    this.stopOnce ??= this.doStop(reason);
    return this.stopOnce;
  }

  /** Ends the process as a failure after an orderly stop. */
  fail(cause: unknown): void {
    this.options.logger.fatal({ error: cause }, 'fatal error');
    void this.stop('fatal error').finally(() => this.end(1));
  }

  /**
   * Runs until SIGTERM, SIGINT or `fail`, stops, and gives the exit code. A second signal exits at once. What
   * still holds the process a moment after the end is left behind.
   */
  async run(): Promise<number> {
    const exitCode = await new Promise<number>((resolve) => {
      this.end = resolve;
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        process.on(signal, () => {
          if (this.stopOnce !== undefined) {
            process.exit(128 + constants.signals[signal]);
          }
          void this.stop(signal).finally(() => resolve(0));
        });
      }
    });
    setTimeout(() => {
      this.options.logger.warn({ resources: process.getActiveResourcesInfo() }, 'something outlived the end');
      process.exit(exitCode);
    }, LINGER_MS).unref();
    return exitCode;
  }

  /** Soon, since a heap profile knows what was allocated since it began, but not during the start. */
  private sampleHeap(): void {
    const begin = setTimeout(() => {
      startHeapSampling().catch(() => {
        // Whoever asks for a heap profile is told why there is none.
      });
    }, SAMPLE_AFTER_MS);
    this.stopped.signal.addEventListener('abort', () => clearTimeout(begin));
  }

  /** Waits for running requests; at the deadline their connections are cut. */
  private async closeHttp(signal: AbortSignal): Promise<void> {
    const server = this.app.getHttpServer();
    signal.addEventListener('abort', () => server.closeAllConnections());
    await this.app.getHttpAdapter().getInstance().close();
  }

  private async doStop(reason: string): Promise<void> {
    const { logger, shutdownTimeoutMs = 10_000 } = this.options;
    const deadline = performance.now() + shutdownTimeoutMs;
    const remaining = (): number => Math.max(0, deadline - performance.now());
    logger.info({ reason }, 'stopping');
    this.stopped.abort(reason);
    const within = async (name: string, step: StopStep): Promise<void> => {
      try {
        await bounded(step, remaining());
      } catch (error) {
        logger.warn({ step: name, error }, 'a step of stopping failed');
      }
    };
    for (const { name, step } of this.steps.toReversed()) {
      await within(name, step);
    }
    await within('pprof', () => this.pprof?.close());
    await Promise.all([
      within('grpc', () => this.grpc.stop(remaining())),
      within('http', (signal) => this.closeHttp(signal)),
    ]);
    await within('app', () => this.app.close());
    logger.info('stopped');
  }
}

/** Gives the step a signal that fires at the deadline, and waits no longer than that. */
async function bounded(step: StopStep, ms: number): Promise<void> {
  const deadline = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      deadline.abort();
      reject(new Error('not done in time'));
    }, ms);
  });
  try {
    await Promise.race([step(deadline.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** grpc-js writes to the console unless it is told where else. */
function grpcLines(logger: Logger): Partial<Console> {
  const grpc = namedLogger(logger, 'grpc');
  return { error: (...parts: unknown[]) => grpc.warn(parts.join(' ')), info: () => {}, debug: () => {} };
}
