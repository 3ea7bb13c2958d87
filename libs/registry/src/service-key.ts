import { OrbweaverError } from '@app/errors';

/** Where a node of a service stands in etcd, and how it is called. */

export const MASTER_SERVICE = 'go.micro.server.master';
export const WORKER_SERVICE = 'go.micro.server.worker';

const REGISTRY = '/micro/registry/';

export function registryKey(service: string, nodeId: string): string {
  return servicePrefix(service) + segment(nodeId);
}

/** All nodes of one service, and of no other whose name begins the same. */
export function servicePrefix(service: string): string {
  return `${REGISTRY}${segment(service)}/`;
}

export function nodeId(service: string, id: string): string {
  return `${service}-${id}`;
}

/** Throws INVALID_ARGUMENT unless the id can stand in node ids, record fields and etcd keys. */
export function checkId(id: string): void {
  if (/^[A-Za-z0-9._]+$/.test(id)) return;
  // `-` and `|` separate fields of records.
  throw new OrbweaverError(
    'INVALID_ARGUMENT',
    `an id holds letters, digits, "." and "_" only, at least one of them: ${JSON.stringify(id)}`,
  );
}

/** The id of a pod: its IPv4 address as a 32-bit big-endian number. */
export function idFromPodIp(ip: string): string {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(ip)?.slice(1).map(Number);
  if (octets === undefined || octets.some((octet) => octet > 255)) {
    throw new OrbweaverError(
      'INVALID_ARGUMENT',
      `a pod IP is an IPv4 address like 10.0.0.7: ${JSON.stringify(ip)}`,
    );
  }
  return String(octets.reduce((id, octet) => id * 256 + octet, 0));
}

function segment(text: string): string {
  return text.replaceAll('/', '-');
}
