/**
 * What a request is refused with. The names are etcd's own (`ErrGRPCxxx` of its `rpctypes`); the code and the
 * message that a client sees, and matches on, stand with them.
 */
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const OUT_OF_RANGE = 11;
const UNAVAILABLE = 14;

const REFUSALS = {
  EmptyKey: [INVALID_ARGUMENT, 'etcdserver: key is not provided'],
  KeyNotFound: [INVALID_ARGUMENT, 'etcdserver: key not found'],
  ValueProvided: [INVALID_ARGUMENT, 'etcdserver: value is provided'],
  LeaseProvided: [INVALID_ARGUMENT, 'etcdserver: lease is provided'],
  TooManyOps: [INVALID_ARGUMENT, 'etcdserver: too many operations in txn request'],
  DuplicateKey: [INVALID_ARGUMENT, 'etcdserver: duplicate key given in txn request'],
  RequestTooLarge: [INVALID_ARGUMENT, 'etcdserver: request is too large'],
  Compacted: [OUT_OF_RANGE, 'etcdserver: mvcc: required revision has been compacted'],
  FutureRev: [OUT_OF_RANGE, 'etcdserver: mvcc: required revision is a future revision'],
  NoSpace: [RESOURCE_EXHAUSTED, 'etcdserver: mvcc: database space exceeded'],
  TooManyRequests: [RESOURCE_EXHAUSTED, 'etcdserver: too many requests'],
  LeaseNotFound: [NOT_FOUND, 'etcdserver: requested lease not found'],
  LeaseExist: [FAILED_PRECONDITION, 'etcdserver: lease already exists'],
  LeaseTTLTooLarge: [OUT_OF_RANGE, 'etcdserver: too large lease TTL'],
  Stopped: [UNAVAILABLE, 'etcdserver: server stopped'],
} as const satisfies Record<string, readonly [number, string]>;

export type Refusal = keyof typeof REFUSALS;

export class EtcdError extends Error {
  override readonly name = 'EtcdError';
  readonly code: number;

  constructor(readonly refusal: Refusal) {
    super(REFUSALS[refusal][1]);
    this.code = REFUSALS[refusal][0];
  }
}
