import { isOrbweaverError, type OrbweaverError } from '@app/errors';
import type { Connections } from './connections.js';
import type { CallOptions } from './etcd-options.js';
import { STATUS } from './methods.js';

/** An endpoint, as it answers for itself. */
export interface MemberStatus {
  readonly endpoint: string;
  readonly tookMs: number;
  /** What it said, or why it said nothing. */
  readonly answer: MemberAnswer | OrbweaverError;
}

export interface MemberAnswer {
  readonly version: string;
  /** Of its database. */
  readonly sizeBytes: number;
  readonly leads: boolean;
  /** NOSPACE, CORRUPT */
  readonly alarms: readonly string[];
}

export async function memberStatuses(
  connections: Connections,
  options: CallOptions,
): Promise<MemberStatus[]> {
  const sentAt = performance.now();
  const asked = await connections.each(STATUS, Buffer.alloc(0), options);
  return Promise.all(
    asked.map(async ({ endpoint, answer }) => {
      const told = await answer.then(
        ({ version, sizeBytes, memberId, leaderId, errors }) => ({
          version,
          sizeBytes,
          leads: leaderId !== 0n && leaderId === memberId,
          alarms: alarmsIn(errors),
        }),
        (error: unknown) => {
          if (isOrbweaverError(error)) return error;
          throw error;
        },
      );
      return { endpoint, tookMs: performance.now() - sentAt, answer: told };
    }),
  );
}

/** `memberID:10276657743932975437 alarm:NOSPACE `, among other complaints. */
function alarmsIn(errors: readonly string[]): string[] {
  return [...new Set(errors.flatMap((error) => /\balarm:(\w+)/.exec(error)?.[1] ?? []))];
}
