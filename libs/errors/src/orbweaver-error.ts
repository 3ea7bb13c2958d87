/**
 * The root of every error that leaves a library. The code is stable and carries the decision that the
 * caller has to take; the message says what was wrong and, where it helps, what would be right. What a
 * transport makes of a code stands in one table of the transport library.
 */

/** Whether repeating the same call can succeed: not at all, after a while here, or at another node. */
export type Retry = 'never' | 'later' | 'elsewhere';

export const ERROR_CODES = {
  INVALID_ARGUMENT: 'never',
  NOT_FOUND: 'never',
  ALREADY_EXISTS: 'never',
  /** It is not as the caller expected: look again, then decide. */
  CONFLICT: 'never',
  FAILED_PRECONDITION: 'never',
  PERMISSION_DENIED: 'never',
  UNAUTHENTICATED: 'never',
  UNIMPLEMENTED: 'never',
  CANCELLED: 'never',
  INTERNAL: 'never',
  /** A bound is reached: a queue, a size, a quota of the store. */
  RESOURCE_EXHAUSTED: 'later',
  DEADLINE_EXCEEDED: 'later',
  NO_WORKER_NODES: 'later',
  /** Nobody leads at present, or who leads is not known here. */
  NO_LEADER: 'later',
  /** This node was asked to lead but does not, or no longer. */
  NOT_LEADER: 'elsewhere',
  /** A peer (worker, leader) did not answer. */
  UNAVAILABLE: 'later',
  ETCD_UNAVAILABLE: 'later',
  LEASE_LOST: 'later',
  /** The revision asked for is compacted: list again. */
  COMPACTED: 'later',
  STORE_UNAVAILABLE: 'later',
  /** A newer owner has claimed what this one wrote to. */
  SUPERSEDED: 'never',
  /** A page is not as its rule says: a required field is missing, a script failed. The reason is in the message. */
  EXTRACT_FAILED: 'never',
} as const satisfies Record<string, Retry>;

export type ErrorCode = keyof typeof ERROR_CODES;

export class OrbweaverError extends Error {
  override readonly name = 'OrbweaverError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  get retry(): Retry {
    return ERROR_CODES[this.code];
  }
}

export function isOrbweaverError(error: unknown, code?: ErrorCode): error is OrbweaverError {
  return error instanceof OrbweaverError && (code === undefined || error.code === code);
}
