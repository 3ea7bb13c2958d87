export { Service } from './service/service.js';
export type { ServiceOptions } from './service/service.js';
export { hostAndPort } from './service/listen-address.js';
export type { ListenAddress } from './service/listen-address.js';
export { RestRpc, RpcRequest } from './rest/rest-rpc.js';
export { rpcCall } from './request/called.js';
export type { CallInterceptor, CallOption, RpcCall } from './request/rpc-call.js';
export { rpcNamed } from './request/rpc.js';
export { grpcCodeOf, REASON_METADATA, StatusError } from './errors/status.js';
