import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operations } from '@camplane/contracts/operations';
import type { CamplaneError } from '@camplane/contracts/problem';
import { openPostgresDatabase } from '../store/postgres-database.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { startAccessSuite } from '../testing/access-suite.ts';
import type { AccessSuite } from '../testing/access-suite.ts';
import { adminPassword, eventually } from '../testing/running-api.ts';
import { createLoginThrottle, defaultAllowances } from './login-throttle.ts';
import type { LoginAttempt, LoginThrottle } from './login-throttle.ts';

jest.setTimeout(60_000);

const session = operations.createSession.path;
const log = { info: () => {}, warn: () => {} };

let suite: AccessSuite;
const stores: Store[] = [];
beforeAll(async () => {
  suite = await startAccessSuite();
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await suite.stopApis();
});
afterAll(() => suite.stop());

async function open(connectionString: string): Promise<Store> {
  const store = await openStore(
    () => Promise.resolve(openPostgresDatabase({ connectionString }, () => {})),
    log,
  );
  stores.push(store);
  return store;
}

const attempt = (address: string, username = 'admin', isKnownAddress = false): LoginAttempt => ({
  username,
  address,
  isKnownAddress,
});

/** The refusal of the last of some attempts; undefined if none was refused. */
async function fail(throttle: LoginThrottle, attempts: LoginAttempt[]): Promise<CamplaneError | undefined> {
  let refusal: CamplaneError | undefined;
  for (const each of attempts) {
    refusal = await throttle.begin(each).then(
      () => undefined,
      (error: unknown) => error as CamplaneError,
    );
  }
  return refusal;
}
const manyOfAddressAndAccount = {
  ...defaultAllowances,
  ofAddress: { attempts: 100, seconds: 900 },
  ofAccount: { attempts: 100, seconds: 900 },
};
const times = (count: number, make: (index: number) => LoginAttempt): LoginAttempt[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('guessing passwords', () => {
  it('is refused after ten attempts on an account from one address, also after a restart', async () => {
    const databaseUrl = await suite.newDatabase();
    const first = await suite.start({ databaseUrl });
    const guess = (password: string) => first.call('POST', session, { username: 'admin', password });
    for (let count = 0; count < 10; count++) expect((await guess(`guess ${count}`)).status).toBe(401);
    const refused = await guess(adminPassword);
    expect([refused.status, refused.body.code]).toEqual([429, 'too-many-requests']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(500);
    // The allowance of another account is separate.
    expect((await first.call('POST', session, { username: 'anna', password: 'guess' })).status).toBe(401);
    await first.stop();
    const second = await suite.start({ databaseUrl });
    await expect(second.signIn()).rejects.toThrow('429');
  });

  it('by mistake is forgotten with the right password', async () => {
    const throttle = createLoginThrottle(await open(await suite.newDatabase()), manyOfAddressAndAccount);
    const own = attempt('192.0.2.1');
    for (let round = 0; round < 3; round++) {
      expect(
        await fail(
          throttle,
          times(10, () => own),
        ),
      ).toBeUndefined();
      await throttle.succeeded(own);
    }
    expect(
      (
        await fail(
          throttle,
          times(11, () => own),
        )
      )?.kind,
    ).toBe('too-many-requests');
  });

  it('is refused across accounts from one address', async () => {
    const throttle = createLoginThrottle(await open(await suite.newDatabase()));
    const { attempts } = defaultAllowances.ofAddress;
    const onEach = times(attempts, (index) => attempt('192.0.2.1', `user-${index}`));
    expect(await fail(throttle, onEach)).toBeUndefined();
    expect(await fail(throttle, [attempt('192.0.2.1', 'admin')])).toMatchObject({
      kind: 'too-many-requests',
    });
    expect(await fail(throttle, [attempt('192.0.2.2', 'admin')])).toBeUndefined();
  });

  it('from many addresses does not keep out those who signed in before', async () => {
    const throttle = createLoginThrottle(await open(await suite.newDatabase()));
    const { attempts, seconds } = defaultAllowances.ofAccount;
    const fromMany = times(attempts, (index) => attempt(`198.51.100.${index}`));
    expect(await fail(throttle, fromMany)).toBeUndefined();
    const refusal = await fail(throttle, [attempt('198.51.100.200')]);
    expect(refusal).toMatchObject({ kind: 'too-many-requests' });
    expect(refusal?.retryAfterSeconds).toBeGreaterThan(seconds - 60);
    expect(await fail(throttle, [attempt('192.0.2.1', 'admin', true)])).toBeUndefined();
  });

  it('is counted for all replicas together, when many come at once', async () => {
    const databaseUrl = await suite.newDatabase();
    const [one, other] = [
      createLoginThrottle(await open(databaseUrl)),
      createLoginThrottle(await open(databaseUrl)),
    ];
    const results = await Promise.allSettled(
      Array.from({ length: 30 }, (_, index) => (index % 2 ? one : other).begin(attempt('192.0.2.1'))),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  });

  it('is allowed again after the time that the answer names', async () => {
    const allowances = { ...defaultAllowances, ofAddressToAccount: { attempts: 1, seconds: 1 } };
    const throttle = createLoginThrottle(await open(await suite.newDatabase()), allowances);
    const own = attempt('192.0.2.1');
    expect(await fail(throttle, [own, own])).toMatchObject({ retryAfterSeconds: 1 });
    await eventually(async () => expect(await fail(throttle, [own])).toBeUndefined(), 3_000);
  });
});
