import { isIP, isIPv4 } from 'node:net';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import { OrbweaverError } from '@app/errors';

/** Which address a process listens on and which one it tells the others. */

export interface ListenAddress {
  /** Empty: all interfaces. IPv6 without its brackets. */
  host: string;
  port: number;
}

/** As `os.networkInterfaces()` gives them. */
export type Interfaces = NodeJS.Dict<Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'>[]>;

/** Reads `host:port`, `[ipv6]:port` or `:port`. Throws INVALID_ARGUMENT. */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:\[([^\][]+)\]|([^:\][/\s]*)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  if (match === null || port > 65_535 || (match[1] !== undefined && isIP(match[1]) !== 6)) {
    throw new OrbweaverError(
      'INVALID_ARGUMENT',
      `an address is host:port, [ipv6]:port or :port, the port 0 to 65535: ${JSON.stringify(text)}`,
    );
  }
  return { host, port };
}

/**
 * The address for the registry: the advertised one if it names a host, else the one listened on; where that
 * names none, the machine's first private IPv4, else its first other IPv4, else loopback. An advertised port
 * counts unless it is 0 or missing: then it is the one really bound.
 */
export function advertisedAddress(options: {
  listen: string;
  boundPort: number;
  advertise?: string;
  interfaces?: Interfaces;
}): string {
  const { host, port } = options.advertise
    ? parseAdvertised(options.advertise)
    : { ...parseListen(options.listen), port: 0 };
  const named = isWildcard(host) ? ownAddress(options.interfaces ?? networkInterfaces()) : host;
  return `${named.includes(':') ? `[${named}]` : named}:${port === 0 ? options.boundPort : port}`;
}

/** An advertised address may leave out its port. */
function parseAdvertised(text: string): ListenAddress {
  if (isIP(text) === 6) return { host: text, port: 0 };
  return parseListen(/:\d+$/.test(text) ? text : `${text}:0`);
}

function isWildcard(host: string): boolean {
  return host === '' || host === '0.0.0.0' || (isIP(host) === 6 && /^[0:]+$/.test(host));
}

function ownAddress(interfaces: Interfaces): string {
  const outward = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ address, internal }) => isIPv4(address) && !internal)
    .map(({ address }) => address);
  return outward.find(isPrivate) ?? outward[0] ?? '127.0.0.1';
}

function isPrivate(ipv4: string): boolean {
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(ipv4);
}
