import type { StoredSession, StoredToken } from './identity.ts';

const dayMs = 24 * 3600_000;

/** A session ends when it has not been used for this long, */
export const sessionIdleMs = 7 * dayMs;
/** and when it is this old. */
export const sessionAbsoluteMs = 30 * dayMs;

export function sessionExpiresAtMs({
  createdAt,
  lastUsedAt,
  endsAt,
}: Pick<StoredSession, 'createdAt' | 'lastUsedAt' | 'endsAt'>): number {
  const ends = [createdAt.getTime() + sessionAbsoluteMs, lastUsedAt.getTime() + sessionIdleMs];
  return Math.min(...ends, endsAt?.getTime() ?? Infinity);
}

export function isSessionExpired(session: StoredSession, nowMs: number): boolean {
  return sessionExpiresAtMs(session) <= nowMs;
}

export function isTokenExpired({ expiresAt }: Pick<StoredToken, 'expiresAt'>, nowMs: number): boolean {
  return expiresAt !== null && expiresAt.getTime() <= nowMs;
}
