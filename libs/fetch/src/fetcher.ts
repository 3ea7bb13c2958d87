import type { CookieJar } from 'tough-cookie';

/**
 * One request, one answer; redirects are answers. Whatever a host does is a value. Rejects (CANCELLED) only when
 * the caller's right to send is over: the signal fired, or `maySend` said no right before the request left.
 */
export interface Fetcher {
  fetch(request: FetchRequest): Promise<FetchAnswer>;
  close(): Promise<void>;
}

export interface FetchRequest {
  /** http or https, in its normal form. */
  url: string;
  userAgent: string;
  accept: string;
  headers: Readonly<Record<string, string>>;
  /** The task's: sent along, and filled from the answer. */
  cookies: CookieJar | undefined;
  /** Of an earlier answer, to make the request conditional; empty for none. */
  etag: string;
  lastModified: string;
  /** For the whole exchange, from the request to the last byte. */
  timeoutMs: number;
  maxBytes: number;
  /** What to do with a body that is longer: take it for a failure, or take its beginning. */
  beyond: 'refuse' | 'cut';
  /** In rotation, those in health first; empty: none. `http://`, `https://` or `socks5://`, may hold credentials. */
  proxies: readonly string[];
  signal: AbortSignal;
  /** Asked again right before the request is written to its connection, after any wait for one. */
  maySend: () => boolean;
  /** The request may have left: called at most once, right before it is written. */
  onSend?: () => void;
}

export type FetchAnswer =
  | {
      kind: 'answer';
      status: number;
      /** Lower case, without parameters; empty when the header is missing. */
      mediaType: string;
      /** The whole header. */
      contentType: string;
      /** After content decoding; empty unless the status is 2xx and the type one that may hold text. */
      body: Buffer;
      /** On a redirect, made absolute; undefined when there is none that is a URL. */
      location: string | undefined;
      retryAfterMs: number | undefined;
      etag: string;
      lastModified: string;
    }
  /** The host answered, but what it sent is of no use, or must not be asked: no other attempt will help. */
  | { kind: 'refused'; status: number; reason: string; bytes: number }
  /** No answer, or not the whole of it; perhaps later. */
  | { kind: 'unreachable'; reason: string };
