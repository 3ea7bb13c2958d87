import type { ServiceDefinition } from '@grpc/grpc-js';
import { CrawlerMasterService } from './gen/crawler.js';
import { GreeterService } from './gen/greeter.js';
import { ClusterService } from './gen/orbweaver/v1/cluster.js';
import { ProcessService } from './gen/orbweaver/v1/process.js';
import { WorkerService } from './gen/orbweaver/v1/worker.js';

/** Every service of the contract, by its short name: what stands after the last dot of its full name. */
export const services: Readonly<Record<string, ServiceDefinition>> = {
  CrawlerMaster: CrawlerMasterService,
  Greeter: GreeterService,
  Cluster: ClusterService,
  Worker: WorkerService,
  Process: ProcessService,
};
