export * as crawler from './gen/crawler.js';
export * as greeter from './gen/greeter.js';
export * as cluster from './gen/orbweaver/v1/cluster.js';
export * as worker from './gen/orbweaver/v1/worker.js';
export * as health from './gen/grpc/health/v1/health.js';
export * as reflection from './gen/grpc/reflection/v1/reflection.js';
export { descriptorSet } from './descriptors.js';
export { services } from './services.js';
