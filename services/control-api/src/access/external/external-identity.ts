import type { SignIn } from '@camplane/contracts/access';
import { usernameSchema } from '@camplane/contracts/access';
import { createHash } from 'node:crypto';
import type { Identity, StoredUser } from '../identity.ts';
import { userNamed } from '../identity.ts';

/** `externalIssuer` of users whom an authenticating proxy names. Issuers of OpenID Connect are URLs. */
export const proxyIssuer = 'proxy';

/** A user as an issuer or a proxy describes them. `issuer` and `subject` together identify the user for ever. */
export type ExternalIdentity = {
  issuer: string;
  subject: string;
  /** What the user is called there. It may change, and may be the name of a local user. */
  name: string;
  displayName: string;
  /** Those that the configuration maps to roles. */
  groups: readonly string[];
};

export function signInOf({ externalIssuer }: Pick<StoredUser, 'externalIssuer'>): SignIn {
  if (externalIssuer === null) return 'password';
  return externalIssuer === proxyIssuer ? 'proxy' : 'oidc';
}

export function externalUser(
  { users }: Identity,
  { issuer, subject }: Pick<ExternalIdentity, 'issuer' | 'subject'>,
): StoredUser | undefined {
  return [...users.values()].find(
    ({ externalIssuer, externalSubject }) => externalIssuer === issuer && externalSubject === subject,
  );
}

/** A user name for an external user: the one there, or with a suffix if another user has it. */
export function usernameFor(identity: Identity, external: ExternalIdentity): string {
  const name = external.name
    .toLowerCase()
    .replace(/[^a-z0-9._@-]+/g, '-')
    .slice(0, 48)
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  const readable = usernameSchema.safeParse(name).success ? name : 'user';
  if (readable !== 'user' && userNamed(identity, readable) === undefined) return readable;
  return `${readable}-${hashOf(external).slice(0, 10)}`;
}

/** A user id for who is not among the stored users. It cannot equal a random one: its version is 8 (RFC 9562). */
export function idOfExternal(external: Pick<ExternalIdentity, 'issuer' | 'subject'>): string {
  const hex = hashOf(external);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

function hashOf({ issuer, subject }: Pick<ExternalIdentity, 'issuer' | 'subject'>): string {
  return createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex');
}
