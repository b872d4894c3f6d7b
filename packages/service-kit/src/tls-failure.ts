export type TlsFailure = 'unknown-authority' | 'other-host' | 'expired' | 'client-certificate' | 'no-tls';

/** Codes of Node.js (documentation of `node:tls`, "X509 certificate error codes") and of OpenSSL's alerts. */
const failures: readonly [RegExp, TlsFailure][] = [
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?)|CERT_SIGNATURE_FAILURE)$/,
    'unknown-authority',
  ],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'other-host'],
  [/^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/, 'expired'],
  [
    /ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_(EXPIRED|UNKNOWN))$/,
    'client-certificate',
  ],
  [/^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/, 'no-tls'],
];

/** Why a TLS connection failed, from the code of an error or of one of its causes. */
export function tlsFailureOf(error: unknown): TlsFailure | undefined {
  for (let cause = error; isErrorLike(cause); cause = cause.cause) {
    const code = typeof cause.code === 'string' ? cause.code : '';
    const known = failures.find(([pattern]) => pattern.test(code));
    if (known) return known[1];
  }
  return undefined;
}

function isErrorLike(value: unknown): value is { code?: unknown; cause?: unknown } {
  return typeof value === 'object' && value !== null;
}
