import type { Rpc } from './rpc.js';

/** A call in progress, seen alike from REST and gRPC: what interceptors and guards work on. */
export interface RpcCall {
  readonly transport: 'grpc' | 'rest';
  readonly rpc: Rpc;
  readonly request: unknown;
  /**
   * What the caller asked for beyond the message: the query parameter `pending` over REST, the metadata
   * key `orbweaver-pending` over gRPC.
   */
  option(name: CallOption): string | undefined;
  /** Until the caller's deadline; undefined when it set none. */
  remainingMs(): number | undefined;
  /** Aborts when the caller has gone or its deadline has passed. */
  readonly signal: AbortSignal;
}

/** `forwarded-by` and `gathered` are for masters among themselves. */
export type CallOption = 'pending' | 'consistency' | 'forwarded-by' | 'gathered';

/**
 * Stands around every call of the contract's unary methods, REST and gRPC alike, in place of Nest
 * interceptors: those cost a call about as much again as all else that Nest does for it.
 */
export interface CallInterceptor {
  /** Answers with what `next` gives, or with an answer of its own. */
  intercept(call: RpcCall, next: () => Promise<unknown>): Promise<unknown>;
}
