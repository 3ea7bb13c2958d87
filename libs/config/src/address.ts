/** Where a server is to listen. */
export interface ListenAddress {
  /** Empty: on all interfaces. IPv6 stands without its brackets. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** As it was written. */
  readonly text: string;
}

const HOST_PORT = /^(?<host>[^\s:[\]/@]*|\[[0-9a-fA-F:.%a-z]+\]):(?<port>\d{1,5})$/;

export function listenAddressOf(text: string): ListenAddress | undefined {
  const parts = splitHostPort(text);
  return parts === undefined ? undefined : { ...parts, text };
}

export function splitHostPort(text: string): { host: string; port: number } | undefined {
  const groups = HOST_PORT.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const port = Number(groups['port']);
  const host = (groups['host'] ?? '').replace(/^\[|\]$/g, '');
  return port > 65_535 ? undefined : { host, port };
}
