/** Why a page did not come, of what Chromium says. */
export function browserReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = /net::ERR_(\w+)/.exec(message)?.[1];
  if (code === undefined) return `the browser: ${(message.split('\n', 1)[0] ?? '').slice(0, 200)}`;
  return REASONS[code] ?? `the browser: ${code.toLowerCase().replaceAll('_', ' ')}`;
}

const REASONS: Readonly<Record<string, string | undefined>> = {
  CERT_AUTHORITY_INVALID: 'TLS: the certificate is from an authority that is not known',
  CERT_COMMON_NAME_INVALID: 'TLS: the certificate is for another host',
  CERT_DATE_INVALID: 'TLS: the certificate has expired',
  CONNECTION_RESET: 'the connection was reset',
  CONNECTION_CLOSED: 'the connection was closed before the answer was whole',
  EMPTY_RESPONSE: 'the connection was closed before the answer was whole',
  INCOMPLETE_CHUNKED_ENCODING: 'the connection was closed before the answer was whole',
  CONTENT_LENGTH_MISMATCH: 'the body is not as long as its header says',
  INVALID_HTTP_RESPONSE: 'the answer is not HTTP',
  RESPONSE_HEADERS_TOO_BIG: 'the headers of the answer are too long',
  SSL_PROTOCOL_ERROR: 'TLS: the server does not speak TLS',
};
