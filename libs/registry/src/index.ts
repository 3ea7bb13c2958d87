export { advertisedAddress } from './address.js';
export { endpointsOf } from './endpoints.js';
export { followService } from './follow-service.js';
export type { ServiceChange, ServiceUpdate } from './follow-service.js';
export { Registration } from './registration.js';
export type { RegistrationState } from './registration.js';
export { idFromPodIp, MASTER_SERVICE, nodeId, registryKey, WORKER_SERVICE } from './service-key.js';
export { encodeService } from './service-record.js';
export type { ServiceRecord } from './service-record.js';
