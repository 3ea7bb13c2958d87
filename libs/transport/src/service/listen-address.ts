import { OrbweaverError } from '@app/errors';

/** An empty host is all interfaces; port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export function cannotListen(what: string, { host, port }: ListenAddress, cause: unknown): OrbweaverError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const why = message.includes('EADDRINUSE') ? 'the port is taken' : message;
  return new OrbweaverError(
    'UNAVAILABLE',
    `cannot listen on ${hostAndPort(host, port)} for ${what}: ${why}`,
    {
      cause,
    },
  );
}
