/**
 * What tasks have said, for people: numbered per resource name from 1 in the order of writing, whoever writes.
 * A number is given with the transaction that writes its line, so a reader that has seen a number has seen all
 * before it. The oldest lines go when there are more of them, they are larger or they are older than the store's
 * limits allow: at the latest with the next line, those that are too old within hours. The last one may be too large.
 */
export interface TaskLogs {
  /** A line whose `id` is there already is passed over: a repeat writes nothing twice. */
  append(resource: string, lines: readonly LogLine[]): Promise<void>;
  /** Lines after that number, in order. */
  read(resource: string, after: number, limit: number): Promise<StoredLogLine[]>;
  /** Number of the last line, 0 when there is none. */
  last(resource: string): Promise<number>;
}

export interface LogLine {
  /** Its writer's name for it: unique in the log of its resource. */
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  /** JSON object; empty for none. */
  fields: string;
  /** Node id of its writer, and the epoch of the assignment that it was written under. */
  nodeId: string;
  epoch: bigint;
  traceId: string;
}

export interface StoredLogLine extends Omit<LogLine, 'id'> {
  number: number;
}

/** Of one log. */
export interface LogLimits {
  lines: number;
  /** Of messages and fields together. */
  bytes: number;
  ageMs: number;
}

export const LOG_LIMITS: LogLimits = { lines: 10_000, bytes: 4 * 1024 * 1024, ageMs: 7 * 86_400_000 };
