import { redactUrls } from './redact-url.ts';

export const redacted = '[redacted]';

const secretKey = /passw|passphrase|secret|credential|authorization|cookie|token|api[-_]?key/i;
/** Keys that only name or count a secret. */
const harmlessKey = /^(hasCredentials|credentialsRefused|credentialsSecretRef|secretRef|tokenCount)$/i;

/**
 * A copy of a JSON value in which the values of secret keys (`password`, `credentials`, `authorization`, `cookie`,
 * `token` and their like, at any depth) are replaced, and user information in URLs inside strings is masked.
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
  // A switch or a missing value tells nothing, and is often what a reader of the log needs to know.
  if (value === null || typeof value === 'boolean') return false;
  return secretKey.test(key) && !harmlessKey.test(key);
}
