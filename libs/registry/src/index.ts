export { advertisedAddress, parseListen } from './address.js';
export type { Interfaces, ListenAddress } from './address.js';
export { endpointsOf } from './endpoints.js';
export { followService, listService, mergeByVersion } from './follow-service.js';
export type { ServiceChange, ServiceUpdate } from './follow-service.js';
export { Registration } from './registration.js';
export type { RegistrationOptions, RegistrationState } from './registration.js';
export {
  checkId,
  idFromPodIp,
  MASTER_SERVICE,
  nodeId,
  registryKey,
  servicePrefix,
  WORKER_SERVICE,
} from './service-key.js';
export { decodeService, encodeService } from './service-record.js';
export type { Endpoint, NodeRecord, ServiceRecord, Value } from './service-record.js';
