/** No connection through a proxy, with the reason for people. */
export class ProxyError extends Error {
  constructor(
    proxy: URL,
    reason: string,
    /** Whether another proxy may do better: it was not the host that could not be reached. */
    readonly isProxysFault: boolean,
  ) {
    super(`the proxy ${proxy.host}: ${reason}`);
  }
}
