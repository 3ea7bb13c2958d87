import type { Socket } from 'node:net';
import { socksConnector } from 'fetch-socks';
import { reasonOf } from '../failure-reason.js';
import { ProxyError } from './proxy-error.js';

/** A connection to a host, by name or address, through a SOCKS5 proxy. */
export function openSocksTunnel(
  proxy: URL,
  hostname: string,
  port: string,
  timeoutMs: number,
): Promise<Socket> {
  const connect = socksConnector(
    {
      type: 5,
      host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(proxy.port === '' ? 1_080 : proxy.port),
      ...(proxy.username === '' ? {} : { userId: decodeURIComponent(proxy.username) }),
      ...(proxy.password === '' ? {} : { password: decodeURIComponent(proxy.password) }),
    },
    { timeout: timeoutMs },
  );
  return new Promise((resolve, reject) => {
    // Without TLS, whose errors would not be the proxy's.
    connect({ protocol: 'http:', hostname, port }, (error, socket) => {
      if (error === null) resolve(socket);
      else reject(proxyErrorOf(proxy, error));
    });
  });
}

function proxyErrorOf(proxy: URL, { message }: Error): ProxyError {
  const rejection = /^Socks5 proxy rejected connection - (\w+)$/.exec(message)?.[1] ?? '';
  const hostsFault = HOSTS_FAULT[rejection];
  if (hostsFault !== undefined) return new ProxyError(proxy, hostsFault, false);
  // The library leaves nothing of an error but its message.
  const code = /\bE[A-Z]{4,}\b/.exec(message)?.[0];
  return new ProxyError(proxy, reasonOf(Object.assign(new Error(message), { code })), true);
}

const HOSTS_FAULT: Readonly<Record<string, string | undefined>> = {
  NetworkUnreachable: 'it cannot reach the network of the host',
  HostUnreachable: 'it cannot reach the host',
  ConnectionRefused: 'the host refused its connection',
  TTLExpired: 'it cannot reach the host',
};
