import type { Endpoint } from './service-record.js';

export function endpointsOf(_descriptorSet: Uint8Array, _services: readonly string[]): Endpoint[] {
  throw new Error('not yet');
}
