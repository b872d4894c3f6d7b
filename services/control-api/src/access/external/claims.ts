/** Claims of an ID token, access token or userinfo response: JSON from the issuer. */
export type Claims = Readonly<Record<string, unknown>>;

const groupsMax = 1_000;

/**
 * The groups in a claim: a list of texts, or one text. `realm_access.roles` finds a claim inside another, unless a claim has
 * that name. An e-mail address counts only if the issuer has verified it.
 */
export function groupsOf(claims: Claims, claim: string): string[] {
  if (claim === 'email' && claims['email_verified'] !== true) return [];
  const value = claim in claims ? claims[claim] : claim.split('.').reduce(fieldOf, claims as unknown);
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.slice(0, groupsMax).filter((group) => typeof group === 'string');
}

function fieldOf(value: unknown, name: string): unknown {
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
  return isObject ? (value as Claims)[name] : undefined;
}

/** What people call the user. */
export function namesOf(claims: Claims): { name: string; displayName: string } {
  const text = (claim: string): string => {
    const value = claims[claim];
    return typeof value === 'string' ? value.replace(/[\p{Cc}\p{Cs}]/gu, '').slice(0, 128) : '';
  };
  const name = text('preferred_username') || text('email') || text('sub');
  return { name, displayName: text('name') || name };
}
