import type { WallClock } from '@camplane/runtime/clock';
import { timingSafeEqual } from 'node:crypto';
import { isAdministrator } from './identity.ts';
import type { Identity, StoredUser } from './identity.ts';
import { hashOfSecret, newSecret } from './secret.ts';

const validForMs = 24 * 3600_000;

/** A token in memory that signs the first administrator in, once and within a day. */
export type WelcomeToken = {
  /** The same token until it is redeemed or has expired; null then, and without an administrator. */
  current(): string | null;
  /** The user to sign in. The token is used up. */
  redeem(token: string): StoredUser | undefined;
};

export function createWelcomeToken(identity: () => Identity, wallClock: WallClock): WelcomeToken {
  let issued: { token: string; atMs: number } | undefined;
  let isRedeemed = false;

  const isValid = (): boolean =>
    issued !== undefined && !isRedeemed && wallClock.epochMs() - issued.atMs < validForMs;

  return {
    current: () => {
      if (!firstAdministrator(identity())) return null;
      issued ??= { token: newSecret(), atMs: wallClock.epochMs() };
      return isValid() ? issued.token : null;
    },
    redeem: (token) => {
      if (!issued || !isValid() || !isSame(token, issued.token)) return undefined;
      isRedeemed = true;
      return firstAdministrator(identity());
    },
  };
}

function firstAdministrator({ users }: Identity): StoredUser | undefined {
  return [...users.values()]
    .filter(isAdministrator)
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())[0];
}

/** Compares hashes, so that the time says nothing about the token. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(hashOfSecret(a)), Buffer.from(hashOfSecret(b)));
}
