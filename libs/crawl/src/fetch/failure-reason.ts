/** Why no answer came, in words for whoever looks at the page's entry. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code !== undefined && code in REASONS) return REASONS[code] as string;
  const message = error instanceof Error && error.message !== '' ? error.message : String(error);
  return (code === undefined || message.includes(code) ? message : `${message} (${code})`).slice(0, 300);
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  ENOTFOUND: 'the host was not found',
  EAI_AGAIN: 'the name server did not answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  UND_ERR_SOCKET: 'the connection was closed before the answer was whole',
  Z_BUF_ERROR: 'the compressed body ends too early',
  Z_DATA_ERROR: 'the compressed body is damaged',
};

function codeOf(error: unknown): string | undefined {
  // Several addresses were tried: the first failure stands for all.
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const code = (first as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
