import { Metrics, Readiness, createLogger } from '@app/observability';
import { Service } from '@app/transport';
import { Module } from '@nestjs/common';

@Module({})
class Empty {}

/** A service with what every process of the cluster serves, and nothing of its own. */
export interface BareService {
  /** HTTP status of a GET. */
  get(path: string): Promise<number>;
  url(path: string): string;
  /** As an etcd that is away would. */
  setReady(ready: boolean): void;
  stop(): Promise<void>;
}

export async function startBareService(): Promise<BareService> {
  const readiness = new Readiness();
  const condition = readiness.condition('etcd');
  const service = await Service.create({
    name: 'go.micro.server.test',
    module: Empty,
    services: [],
    http: { host: '127.0.0.1', port: 0 },
    grpc: { host: '127.0.0.1', port: 0 },
    logger: createLogger({ name: 'test', level: 'error' }),
    metrics: new Metrics(),
    readiness,
  });
  const { http } = await service.listen();
  const url = (path: string): string => `http://127.0.0.1:${http.port}${path}`;
  return {
    url,
    get: async (path) => (await fetch(url(path), { signal: AbortSignal.timeout(60_000) })).status,
    setReady: (ready) => (ready ? condition.met() : condition.unmet('no etcd')),
    stop: () => service.stop('the test is over'),
  };
}
