import { encodeService, nodeId, registryKey, WORKER_SERVICE } from '../../dist/libs/registry/src/index.js';

/**
 * Puts a worker's record without a worker. Workers have machines of their own; what they do with an assignment
 * would take the processors from the masters that are measured.
 */
export function putWorkerRecord(etcd, id) {
  const name = WORKER_SERVICE;
  const nodes = [{ id: nodeId(name, id), address: `192.0.2.${id}:9090`, metadata: {} }];
  const record = { name, version: 'latest', metadata: null, endpoints: null, nodes };
  return etcd.put(registryKey(name, nodeId(name, id)), encodeService(record));
}
