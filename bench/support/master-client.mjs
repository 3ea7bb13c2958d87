import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { cluster, crawler } from '../../dist/libs/proto/src/index.js';

/** A gRPC client of one master, promises instead of callbacks. */
export class MasterClient {
  #client;

  constructor(address) {
    this.#client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  }

  add(name, spec = '') {
    return this.#call(crawler.CrawlerMasterService.addResource, {
      id: '',
      name,
      assignedNode: '',
      creationTime: 0n,
      spec,
    });
  }

  remove(name) {
    return this.#call(crawler.CrawlerMasterService.deleteResource, {
      id: '',
      name,
      assignedNode: '',
      creationTime: 0n,
      spec: '',
    });
  }

  addAll(names) {
    return this.#call(cluster.ClusterService.addResources, {
      resources: names.map((name) => ({ name, spec: '' })),
    });
  }

  masters() {
    return this.#call(cluster.ClusterService.listMasters, {});
  }

  nodes() {
    return this.#call(cluster.ClusterService.listNodes, {});
  }

  #call(method, message, timeoutMs = 30_000) {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        message,
        new Metadata(),
        { deadline: Date.now() + timeoutMs },
        (error, reply) => (error ? reject(error) : resolve(reply)),
      );
    });
  }

  close() {
    this.#client.close();
  }
}
