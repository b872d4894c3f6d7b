import { redactUrls } from './redact-url.ts';

export const redacted = '[redacted]';

const secretKey = /passw|passphrase|secret|credential|authorization|cookie|token|api[-_]?key/i;
/** Keys that only refer to a secret or count something. */
const harmlessKey =
  /^(hasCredentials|credentialId|credentialsRefused|credentialsSecretRef|secretRef|tokenCount)$/i;

/**
 * Copies a JSON value, replacing the values of secret keys (`password`, `credentials`, `authorization`, `cookie`,
 * `token` and similar, at any depth) and masking user information of URLs in strings.
 */
export function redact(value: unknown): unknown {
  if (typeof value === 'string') return redactUrls(value);
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]): [string, unknown] =>
      hidesValue(key, inner) ? [key, redacted] : [key, redact(inner)],
    ),
  );
}

function hidesValue(key: string, value: unknown): boolean {
  // Booleans and null reveal nothing and help a reader of the log.
  if (value === null || typeof value === 'boolean') return false;
  return secretKey.test(key) && !harmlessKey.test(key);
}
