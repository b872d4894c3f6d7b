import { CamplaneError } from '@camplane/contracts/problem';
import type { QueryConfig } from 'pg';
import { createHash } from 'node:crypto';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Drizzle } from '../store/database.ts';
import type { Store } from '../store/store.ts';

/** Who signs in from where. */
export type LoginAttempt = {
  username: string;
  address: string;
  /** The address has signed in to this account before. */
  isKnownAddress: boolean;
};

/** Failed attempts that are allowed in a time. */
export type LoginAllowances = Record<'ofAddressToAccount' | 'ofAddress' | 'ofAccount', Allowance>;
type Allowance = { attempts: number; seconds: number };

/**
 * At most 100 failed attempts an hour on an account (OWASP ASVS 4.0, 2.2.1). An address that has signed in before has
 * its own allowance, so that attackers elsewhere cannot keep an administrator out.
 */
export const defaultAllowances: LoginAllowances = {
  ofAddressToAccount: { attempts: 10, seconds: 600 },
  ofAddress: { attempts: 50, seconds: 900 },
  ofAccount: { attempts: 40, seconds: 3600 },
};

/** Slows down guessing of passwords. The counters are in the database: replicas share them, restarts keep them. */
export type LoginThrottle = {
  /** Counts an attempt, before its password is verified. @throws CamplaneError `too-many-requests` with the wait */
  begin(attempt: LoginAttempt): Promise<void>;
  /** Takes the attempt back, since its password was right. */
  succeeded(attempt: LoginAttempt): Promise<void>;
};

export function createLoginThrottle(
  store: Pick<Store, 'use'>,
  allowances: LoginAllowances = defaultAllowances,
): LoginThrottle {
  const limiterOf = (name: keyof LoginAllowances): RateLimiterPostgres =>
    new RateLimiterPostgres({
      storeClient: { query: (query: QueryConfig) => store.use((db) => poolOf(db).query(query)) },
      storeType: 'pool',
      tableName: 'login_attempt',
      tableCreated: true,
      // `expire-login-attempts.ts` does it.
      clearExpiredByTimeout: false,
      keyPrefix: name,
      points: allowances[name].attempts,
      duration: allowances[name].seconds,
    });
  const own = limiterOf('ofAddressToAccount');
  const ofAddress = limiterOf('ofAddress');
  const ofAccount = limiterOf('ofAccount');

  return {
    begin: async (attempt) => {
      await consume(own, ownKey(attempt));
      if (attempt.isKnownAddress) return;
      await consume(ofAddress, keyOf(attempt.address));
      await consume(ofAccount, keyOf(attempt.username));
    },
    succeeded: async (attempt) => {
      await own.delete(ownKey(attempt));
      if (attempt.isKnownAddress) return;
      await ofAddress.reward(keyOf(attempt.address));
      await ofAccount.reward(keyOf(attempt.username));
    },
  };
}

function ownKey({ username, address }: LoginAttempt): string {
  return keyOf(username, address);
}

/** Fixed in length: names and addresses come from clients. */
function keyOf(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

async function consume(limiter: RateLimiterPostgres, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const retryAfterSeconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    throw new CamplaneError(
      'too-many-requests',
      `Too many failed logins: try again in ${retryAfterSeconds} s, or ask an administrator to reset the password`,
      { retryAfterSeconds },
    );
  }
}

type Queryable = { query(query: QueryConfig): Promise<unknown> };

/** Drizzle's pool of connections, which its types show for one driver only. */
function poolOf(db: Drizzle): Queryable {
  return (db as unknown as { $client: Queryable }).$client;
}
