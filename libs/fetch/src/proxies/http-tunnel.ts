import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { reasonOf } from '../failure-reason.js';
import { ProxyError } from './proxy-error.js';

/** A connection to `host:port` through an HTTP or HTTPS proxy, by CONNECT. */
export function openHttpTunnel(proxy: URL, target: string, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string, isProxysFault = true): void => {
      reject(new ProxyError(proxy, reason, isProxysFault));
      request.destroy();
    };
    const request = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
      hostname: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: proxy.port,
      method: 'CONNECT',
      path: target,
      agent: false,
      headers: { host: target, ...authorizationFor(proxy) },
    });
    const timer = setTimeout(() => fail('no connection in time'), timeoutMs);
    request
      .on('connect', ({ statusCode = 0 }, socket, head) => {
        clearTimeout(timer);
        if (statusCode >= 200 && statusCode < 300) {
          if (head.length > 0) socket.unshift(head);
          return resolve(socket);
        }
        socket.destroy();
        fail(proxyTrouble(statusCode), !HOSTS_FAULT.has(statusCode));
      })
      .on('error', (error) => {
        clearTimeout(timer);
        fail(reasonOf(error));
      })
      .end();
  });
}

/** Why a proxy that answers with this status is of no use. */
export function proxyTrouble(status: number): string {
  return status === 407 ? 'it wants other credentials (407)' : `it answers with ${status}`;
}

/** What proxies answer when it is the host that they cannot reach. */
const HOSTS_FAULT = new Set([502, 503, 504]);

/** The credentials of the proxy's URL, as a header. */
export function authorizationFor({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}
