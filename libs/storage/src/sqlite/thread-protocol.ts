import { OrbweaverError, type ErrorCode } from '@app/errors';
import type { Operations } from './operations/index.js';
import type { Retention } from './retention.js';
import type { Work } from './work.js';

/** What the main thread and the store's thread say to each other. */
export interface ThreadData {
  path: string;
  retention: Retention;
}

/** Calls that waited together. */
export interface Group {
  /** The store's time when it was sent. */
  now: number;
  calls: readonly Call[];
}

export interface Call {
  name: keyof Operations;
  args: readonly unknown[];
}

/** In the order of the group's calls. */
export type Reply = readonly Answer[];

export type Answer = { value: unknown } | { error: { code: ErrorCode; message: string } };

/** Instead of a group: the last message. */
export const CLOSE = 'close';

export type ArgsOf<K extends keyof Operations> = Operations[K] extends (
  work: Work,
  ...args: infer A
) => unknown
  ? A
  : never;
export type ResultOf<K extends keyof Operations> = ReturnType<Operations[K]>;

export function answerOf(error: unknown): Answer {
  if (error instanceof OrbweaverError) return { error: { code: error.code, message: error.message } };
  return {
    error: {
      code: 'INTERNAL',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    },
  };
}
