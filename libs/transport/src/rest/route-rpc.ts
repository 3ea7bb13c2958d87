import type { CallOption } from '../request/rpc-call.js';

/** What the API's documentation says of a route beyond its RPC's messages and comments. */
export interface RouteDocs {
  readonly summary?: string;
  /** Examples. */
  readonly request?: object;
  readonly answer?: object;
  /** Content types of the answer, where it is a file. */
  readonly files?: readonly string[];
  /** The field that the body is, where it is not the whole message. */
  readonly body?: string;
  /** The options of the call that the route knows, as query parameters. */
  readonly options?: readonly CallOption[];
}

export interface RouteRpc extends RouteDocs {
  readonly name: string;
}

export const RPC_METADATA = 'orbweaver:rpc';
