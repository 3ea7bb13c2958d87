import type { worker } from '@app/proto';

interface HostCause {
  readonly cause: string;
  /** Without its full stop. */
  readonly reason: string;
  readonly remedy: string;
}

/** Why the host of a task is not asked at this moment. */
export function hostCauses({ host, cause, reason, until }: worker.HostWait): HostCause {
  const why = reason === '' ? '' : ` (${reason})`;
  const till = until === undefined ? '' : ` until ${instant(until)}`;
  const said = SAID[cause];
  if (said === undefined) return { cause, reason: `${host} makes it wait${till}${why}`, remedy: '' };
  return { cause, reason: said.reason(host, till, why), remedy: said.remedy };
}

interface Said {
  reason: (host: string, till: string, why: string) => string;
  remedy: string;
}

const SAID: Readonly<Record<string, Said>> = {
  delay: {
    reason: (host, till) => `The pause between two requests to ${host} lasts${till}`,
    remedy: 'A shorter delay in the spec, if the host and its robots.txt allow it.',
  },
  'back off': {
    reason: (host, till, why) => `${host} asked for fewer requests and is left alone${till}${why}`,
    remedy: 'Wait, and give the spec a longer delay if it happens again.',
  },
  down: {
    reason: (host, till, why) => `${host} does not answer and is tried again${till && `: not${till}`}${why}`,
    remedy: 'Look whether the host can be reached from the worker; its pages fail if it stays away.',
  },
  robots: {
    reason: (host, till, why) =>
      `The robots.txt of ${host} cannot be had and is asked for again${till && `: not${till}`}${why}`,
    remedy: 'Look whether the host can be reached from the worker.',
  },
  gate: {
    reason: (host, till, why) => `Another worker has its turn at ${host}${till}${why}`,
    remedy: 'Nothing: tasks that share a host take turns at it.',
  },
  turn: {
    reason: (host) => `Other tasks of this worker have their turn at ${host}`,
    remedy: 'Nothing: tasks that share a host take turns at it.',
  },
  limit: {
    reason: (_, till) => `The rate limit of the task itself is used up${till}`,
    remedy: 'Higher limits in the spec.',
  },
  requests: {
    reason: (host) => `As many requests to ${host} are under way as there may be at once`,
    remedy: 'A higher concurrency in the spec, if the host bears it.',
  },
};

function instant({ seconds, nanos }: { seconds: bigint; nanos: number }): string {
  return new Date(Number(seconds) * 1_000 + Math.floor(nanos / 1_000_000))
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
}
