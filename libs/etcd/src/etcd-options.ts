export interface EtcdOptions {
  /** `host:port` or `http(s)://host:port`, at least one; all of one cluster. */
  endpoints: string[];
  /** Present (even if empty): TLS. A certificate needs its key. */
  tls?: { caFile?: string; certFile?: string; keyFile?: string };
  auth?: { username: string; password: string };
  /** Deadline of every call that is given none of its own; 5000 by default. */
  requestTimeoutMs?: number;
}

export interface CallOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
}
