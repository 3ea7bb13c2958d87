import type { Socket } from 'node:net';
import { callbackify } from 'node:util';
import { buildConnector } from 'undici';
import type { AddressGuard } from '../address-guard.js';
import { reasonOf } from '../failure-reason.js';
import { openHttpTunnel } from './http-tunnel.js';
import { ProxyError } from './proxy-error.js';
import { openSocksTunnel } from './socks-tunnel.js';

/**
 * Connects through a proxy to hosts that the guard lets pass. Not undici's ProxyAgent: when a proxy closes the
 * connection that one tries again at once and without end, and it does not tell whose fault it was.
 */
export function proxyConnector(
  proxy: URL,
  guard: AddressGuard,
  ca: string | undefined,
): buildConnector.connector {
  const secure = buildConnector({ allowH2: true, timeout: CONNECT_TIMEOUT_MS, ca });
  return (options, callback) => {
    const port = options.port === '' ? (DEFAULT_PORTS[options.protocol] as string) : options.port;
    open(proxy, guard, options.hostname, port, (error, tunnel) => {
      if (error !== null) callback(error, null);
      else if (options.protocol === 'https:') secure({ ...options, httpSocket: tunnel }, callback);
      else callback(null, tunnel);
    });
  };
}

/** Connects to the proxy itself, which may be anywhere. */
export function connectorTo(proxy: URL): buildConnector.connector {
  const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS });
  return (options, callback) => {
    connect(options, (error, socket) => {
      if (error === null) callback(null, socket);
      else callback(new ProxyError(proxy, reasonOf(error), true), null);
    });
  };
}

const CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** A connection to a host, as the guard lets it, through a proxy. */
export async function openTunnel(
  proxy: URL,
  guard: AddressGuard,
  hostname: string,
  port: string,
): Promise<Socket> {
  const checked = await guard.target(hostname);
  if (proxy.protocol === 'socks5:') return openSocksTunnel(proxy, checked, port, CONNECT_TIMEOUT_MS);
  // By its name: many proxies have rules about names.
  const target = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
  return openHttpTunnel(proxy, target, CONNECT_TIMEOUT_MS);
}

const open = callbackify(openTunnel);
