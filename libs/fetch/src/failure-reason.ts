import { errors } from 'undici';

/** Why no answer came, in words for whoever looks at the page's entry. */
export function reasonOf(error: unknown): string {
  // Several addresses were tried: the first failure stands for all.
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  const code = codeOf(error);
  const known = code === undefined ? undefined : (REASONS[code] ?? familyReason(code));
  if (known !== undefined) return known;
  if (error instanceof errors.HTTPParserError) return NOT_HTTP;
  const message = error instanceof Error && error.message !== '' ? error.message : String(error);
  return (code === undefined || message.includes(code) ? message : `${message} (${code})`).slice(0, 300);
}

const UNKNOWN_AUTHORITY = 'TLS: the certificate is from an authority that is not known';
const DAMAGED = 'the compressed body is damaged';
const NOT_HTTP = 'the answer is not HTTP';
const CLOSED = 'the connection was closed before the answer was whole';

const REASONS: Readonly<Record<string, string | undefined>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name server did not answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  EADDRNOTAVAIL: 'the host cannot be reached',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  UND_ERR_SOCKET: CLOSED,
  UND_ERR_INFO: CLOSED,
  UND_ERR_HEADERS_OVERFLOW: 'the headers of the answer are too long',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the body is not as long as its header says',
  // An answer that switches protocols, which undici takes for impossible.
  ERR_ASSERTION: NOT_HTTP,
  ERR_HTTP2_ERROR: NOT_HTTP,
  Z_BUF_ERROR: 'the compressed body ends too early',
  Z_DATA_ERROR: DAMAGED,
  // Certificates, as OpenSSL names what is wrong with them.
  CERT_HAS_EXPIRED: 'TLS: the certificate has expired',
  CERT_NOT_YET_VALID: 'TLS: the certificate is not valid yet',
  CERT_REVOKED: 'TLS: the certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS: the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS: the certificate is for another host',
  ERR_SSL_WRONG_VERSION_NUMBER: 'TLS: the server does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'TLS: the server does not speak TLS',
};

/** Of codes that come in many forms, as `ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE`. */
function familyReason(code: string): string | undefined {
  if (code.startsWith('HPE_')) return NOT_HTTP;
  if (code.startsWith('ERR_HTTP2_')) return CLOSED;
  if (code.startsWith('ERR__ERROR_FORMAT_')) return DAMAGED;
  const alert = /^ERR_SSL_(.+)$/.exec(code)?.[1];
  return alert === undefined ? undefined : `TLS: ${alert.toLowerCase().replaceAll('_', ' ')}`;
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
