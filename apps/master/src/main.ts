import { fileURLToPath } from 'node:url';
import { loadSettingsOrExit, productVersion } from '@app/config';
import { createLogger, Metrics, Readiness, startTraces, type Logger } from '@app/observability';
import { cluster, crawler } from '@app/proto';
import { advertisedAddress, idFromPodIp, MASTER_SERVICE } from '@app/registry';
import { hostAndPort, Service, type ListenAddress } from '@app/transport';
import { ForwardingInterceptor } from './forwarding/forwarding.interceptor.js';
import { MasterModule } from './master.module.js';
import { Master } from './master.js';
import { masterSettings, type MasterSettings } from './settings.js';

const settings = loadSettingsOrExit(masterSettings);
const logger = createLogger({ name: 'master', level: settings.logLevel });
try {
  process.exitCode = await run(settings, logger);
} catch (error) {
  logger.fatal({ error }, 'the master cannot start');
  process.exitCode = 1;
}

async function run(settings: MasterSettings, logger: Logger): Promise<number> {
  const id = settings.id ?? idFromPodIp(settings.podIp ?? '');
  const metrics = new Metrics();
  const readiness = new Readiness();
  const stopTraces = await startTraces({
    service: 'orbweaver-master',
    instance: id,
    version: productVersion(),
    endpoint: settings.otlpEndpoint,
    ratio: settings.traceRatio,
    logger,
    metrics,
  });
  const master = new Master(id, settings, logger, metrics, readiness);
  const service = await Service.create({
    name: MASTER_SERVICE,
    module: MasterModule.over(master),
    interceptor: ForwardingInterceptor,
    services: [crawler.CrawlerMasterService, cluster.ClusterService],
    http: settings.http,
    grpc: settings.grpc,
    pprof: settings.pprof,
    docs: {
      title: 'Orbweaver',
      description: 'What a master of the cluster answers. Any master takes any call; the leader writes.',
      version: productVersion(),
    },
    pages: fileURLToPath(new URL('../../console', import.meta.url)),
    logger,
    metrics,
    readiness,
  });
  const bound = await service.listen();
  const ended = service.run();
  service.onStop('close', () => master.close());
  service.onStop('deregister', () => master.deregister());
  service.onStop('resign', () => master.resign());

  master.follow();
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
  master.start(address).catch((error: unknown) => {
    if (!service.stopping.aborted) service.fail(error);
  });
  const exitCode = await ended;
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
