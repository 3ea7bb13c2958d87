import { reasonOf } from '../failure-reason.js';

/** Why a page did not come: of a connection as elsewhere, else of what Chromium says. */
export function browserReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/has been closed|crashed/.test(message)) return 'the browser crashed';
  const code = /net::ERR_(\w+)/.exec(message)?.[1];
  if (code === undefined) return reasonOf(error);
  return REASONS[code] ?? `the browser says: ${code.toLowerCase().replaceAll('_', ' ')}`;
}

const CLOSED = 'the connection was closed before the answer was whole';

const REASONS: Readonly<Record<string, string | undefined>> = {
  CERT_AUTHORITY_INVALID: 'TLS: the certificate is self-signed, or from an authority that is not known',
  CERT_COMMON_NAME_INVALID: 'TLS: the certificate is for another host',
  CERT_DATE_INVALID: 'TLS: the certificate has expired, or is not valid yet',
  CONNECTION_CLOSED: CLOSED,
  CONNECTION_RESET: 'the connection was reset',
  CONTENT_LENGTH_MISMATCH: 'the body is not as long as its header says',
  EMPTY_RESPONSE: CLOSED,
  INCOMPLETE_CHUNKED_ENCODING: CLOSED,
  INVALID_HTTP_RESPONSE: 'the answer is not HTTP',
  RESPONSE_HEADERS_TOO_BIG: 'the headers of the answer are too long',
  SSL_PROTOCOL_ERROR: 'TLS: the server does not speak TLS',
};
