export * as crawler from './gen/crawler.js';
export * as greeter from './gen/greeter.js';
export * as cluster from './gen/orbweaver/v1/cluster.js';
export * as worker from './gen/orbweaver/v1/worker.js';
export { descriptorSet } from './descriptors.js';
