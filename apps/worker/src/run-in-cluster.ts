import { productVersion } from '@app/config';
import { Metrics, Readiness, startTraces, type Logger } from '@app/observability';
import { worker as proto } from '@app/proto';
import { advertisedAddress, idFromPodIp, WORKER_SERVICE } from '@app/registry';
import { openCrawlStore, parseStoreUrl } from '@app/storage';
import { hostAndPort, Service, type ListenAddress } from '@app/transport';
import { logLimits, type WorkerSettings } from './settings.js';
import { WorkerModule } from './worker.module.js';
import { Worker } from './worker.js';

/** A worker of a cluster, from its start to its end. Gives the exit code. */
export async function runInCluster(settings: WorkerSettings, logger: Logger): Promise<number> {
  const id = settings.id ?? idFromPodIp(settings.podIp ?? '');
  const metrics = new Metrics();
  const readiness = new Readiness();
  const stopTraces = await startTraces({
    service: 'orbweaver-worker',
    instance: id,
    version: productVersion(),
    endpoint: settings.otlpEndpoint,
    ratio: settings.traceRatio,
    logger,
    metrics,
  });
  const store = await openCrawlStore(parseStoreUrl(settings.store, settings.dataDir), {
    logLimits: logLimits(settings),
  });
  const worker = new Worker(id, settings, store, logger, metrics, readiness);
  const service = await Service.create({
    name: WORKER_SERVICE,
    module: WorkerModule.over(worker.api),
    services: [proto.WorkerService],
    http: settings.http,
    grpc: settings.grpc,
    pprof: settings.pprof,
    logger,
    metrics,
    readiness,
  });
  const bound = await service.listen();
  const ended = service.run();
  service.onStop('deregister', () => worker.deregister());
  service.onStop('drain', () => worker.drain());

  const addresses = {
    id,
    http: shown(bound.http),
    grpc: shown(bound.grpc),
    ...(bound.pprof && { pprof: shown(bound.pprof) }),
  };
  logger.info(addresses, 'listening');
  readiness.onChange((ready) => {
    if (!ready) logger.warn(readiness.report().conditions, 'not ready');
  });
  whenFirstReady(readiness, () => logger.info(addresses, 'ready'));
  const address = advertisedAddress({
    listen: settings.grpc.text,
    boundPort: bound.grpc.port,
    ...(settings.advertise !== undefined && { advertise: settings.advertise }),
  });
  worker.start(address).catch((error: unknown) => {
    if (service.stopping.aborted) return;
    worker.lifeCycle.to('failed');
    service.fail(error);
  });
  const exitCode = await ended;
  // Not before: the last calls are answered from the store.
  await worker.close();
  await stopTraces();
  return exitCode;
}

function whenFirstReady(readiness: Readiness, act: () => void): void {
  const stop = readiness.onChange((ready) => {
    if (!ready) return;
    stop();
    act();
  });
}

/** All interfaces are reached by any, also by loopback. */
function shown({ host, port }: ListenAddress): string {
  return hostAndPort(host === '' ? '127.0.0.1' : host, port);
}
