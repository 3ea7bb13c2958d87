/** Why no answer came, in words for whoever looks at the page's entry. */
export function reasonOf(error: unknown): string {
  // Several addresses were tried: the first failure stands for all.
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  const code = codeOf(error);
  const known = code === undefined ? undefined : (REASONS[code] ?? tlsReason(code));
  if (known !== undefined) return known;
  const message = error instanceof Error && error.message !== '' ? error.message : String(error);
  return (code === undefined || message.includes(code) ? message : `${message} (${code})`).slice(0, 300);
}

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
  ERR_HTTP2_STREAM_ERROR: CLOSED,
  ERR_HTTP2_SESSION_ERROR: CLOSED,
  ERR_HTTP2_GOAWAY_SESSION: CLOSED,
  Z_BUF_ERROR: 'the compressed body ends too early',
  Z_DATA_ERROR: 'the compressed body is damaged',
  // Certificates, as OpenSSL names what is wrong with them.
  CERT_HAS_EXPIRED: 'TLS: the certificate has expired',
  CERT_NOT_YET_VALID: 'TLS: the certificate is not valid yet',
  CERT_REVOKED: 'TLS: the certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS: the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'TLS: the certificate is from an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'TLS: the certificate is from an authority that is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'TLS: the certificate is from an authority that is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'TLS: the certificate is from an authority that is not known',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS: the certificate is for another host',
  ERR_SSL_WRONG_VERSION_NUMBER: 'TLS: the server does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'TLS: the server does not speak TLS',
};

/** Of the handshake: `ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE` and many more. */
function tlsReason(code: string): string | undefined {
  const alert = /^ERR_SSL_(.+)$/.exec(code)?.[1];
  if (alert !== undefined) return `TLS: ${alert.toLowerCase().replaceAll('_', ' ')}`;
  const parser = /^HPE_(.+)$/.exec(code)?.[1];
  return parser === undefined
    ? undefined
    : `the answer is not HTTP (${parser.toLowerCase().replaceAll('_', ' ')})`;
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
