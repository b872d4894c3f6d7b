import { passwordResetFolder } from '@camplane/contracts/password-reset';
import type { PasswordResetAnswer } from '@camplane/contracts/password-reset';
import { CamplaneError } from '@camplane/contracts/problem';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import type { Logger } from '@camplane/service-kit/logging';
import type { Metrics } from '@camplane/service-kit/metrics';
import { join } from 'node:path';
import { defaultRetention } from '../config.ts';
import type { ControlApiConfig } from '../config.ts';
import type { Handlers } from '../http/api-router.ts';
import type { Store } from '../store/store.ts';
import type { Access } from './access.ts';
import { auditChanges } from './audit-changes.ts';
import { createAuditLog } from './audit-log.ts';
import { createAuditTable } from './audit-table.ts';
import { createAuthenticator } from './authenticator.ts';
import { deleteExpired } from './delete-expired.ts';
import { composeExternal } from './external/compose-external.ts';
import type { ExternalConfig } from './external/external-config.ts';
import { oidcHandlers } from './external/oidc-handlers.ts';
import { createFirstAdministrator, removeAdminPasswordFile, requireUsable } from './first-administrator.ts';
import { userNamed } from './identity.ts';
import { createIdentityStore } from './identity-store.ts';
import { createLogin } from './login.ts';
import { createLoginThrottle } from './login-throttle.ts';
import { createPasswordResets } from './password-resets.ts';
import { createPasswords } from './passwords.ts';
import { createPeriodicTask } from './periodic-task.ts';
import { roleHandlers } from './role-handlers.ts';
import { newSecret } from './secret.ts';
import { sessionHandlers } from './session-handlers.ts';
import { tokenHandlers } from './token-handlers.ts';
import type { TrustedProxies } from './trusted-proxies.ts';
import { unrestrictedAccess } from './unrestricted-access.ts';
import { setPassword, userHandlers } from './user-handlers.ts';
import { createWelcomeToken } from './welcome-token.ts';
import { within } from '../within.ts';

/** Changes by other replicas are noticed within this time. */
const refreshIntervalMs = 1_000;
const deleteIntervalMs = 3600_000;
const stopMaxMs = 1_000;

type AccessHandlers = Pick<
  Handlers,
  | keyof ReturnType<typeof sessionHandlers>
  | keyof ReturnType<typeof oidcHandlers>
  | keyof ReturnType<typeof tokenHandlers>
  | keyof ReturnType<typeof userHandlers>
  | keyof ReturnType<typeof roleHandlers>
  | 'listAudit'
>;

/** Access control as control-api composes it. */
export type LocalAccess = {
  access: Access;
  handlers: AccessHandlers;
  /**
   * Loads users, roles, sessions and tokens, creates the first administrator, and follows changes by other replicas.
   * While the database is unavailable, that happens later.
   *
   * @throws StartupError if `CAMPLANE_ADMIN_PASSWORD` is too easy to guess
   */
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * The one-time token that signs the first administrator in (body of `createSession`); null once it has been used or
   * has expired, and where there is no administrator to sign in.
   */
  welcomeToken(): string | null;
};

export type LocalAccessDeps = {
  store: Pick<Store, 'use'>;
  proxies: TrustedProxies;
  clock: Pick<Clock, 'now'>;
  wallClock: WallClock;
  log: Logger;
  metrics: Metrics;
};

/** With `auth: 'none'`, users can be managed, but everybody may do everything. */
export function createLocalAccess(
  config: Pick<ControlApiConfig, 'auth' | 'adminPassword' | 'auditRetentionDays' | 'dataDir'> &
    ExternalConfig,
  deps: LocalAccessDeps,
): LocalAccess {
  const { wallClock, log } = deps;
  const isOff = config.auth === 'none';
  const store = createIdentityStore(deps);
  const passwords = createPasswords();
  const { users, oidcLogin, externalAccess } = composeExternal(config, { ...deps, store });
  const authenticator = createAuthenticator(store, wallClock, externalAccess);
  const welcome = createWelcomeToken(store.current, wallClock);
  const login = createLogin({ store, passwords, throttle: createLoginThrottle(deps.store), wallClock });
  const auditTable = createAuditTable(deps.store);
  const retentionDays = config.auditRetentionDays ?? defaultRetention.auditRetentionDays;
  const auditLog = createAuditLog({ ...deps, table: auditTable, retentionDays });
  const { audit } = auditLog;
  const onPasswordChanged = (username: string) => removeAdminPasswordFile(username, config.dataDir);
  const shared = { store, passwords, wallClock, onPasswordChanged };

  const reset = async (username: string): Promise<PasswordResetAnswer> => {
    const user = userNamed(store.current(), username);
    if (!user) return { refused: `There is no user ${username}` };
    if (user.passwordHash === null)
      return { refused: `${username} has no password here: they sign in elsewhere` };
    const password = newSecret();
    await setPassword(shared, user, password);
    audit({
      ...onThisMachine,
      action: 'resetPassword',
      detail: `Reset the password of ${username} on the machine`,
    });
    return { password };
  };
  const resets = createPasswordResets(join(config.dataDir, passwordResetFolder), reset);

  let deletedAtMs = -Infinity;
  const followChanges = async (): Promise<void> => {
    const wasLoaded = store.isLoaded();
    await store.refresh();
    if (isOff) return;
    // Also after a start without the database.
    if (!wasLoaded || store.current().users.size === 0) {
      const { adminPassword, dataDir } = config;
      await createFirstAdministrator({ ...shared, adminPassword, dataDir, log });
    }
    await resets.answer();
    if (wallClock.epochMs() - deletedAtMs < deleteIntervalMs) return;
    await deleteExpired(deps.store, wallClock.epochMs());
    deletedAtMs = wallClock.epochMs();
  };
  const task = createPeriodicTask(refreshIntervalMs, async () => {
    await followChanges().catch((error: unknown) => {
      if (error instanceof CamplaneError && error.kind === 'store-unavailable') return;
      log.warn({ err: error }, 'refresh of users failed, will retry');
    });
    await auditLog.flush();
  });

  const handlers = {
    ...sessionHandlers({ ...shared, login, welcome, sessionOf: authenticator.sessionOf, audit }),
    ...oidcHandlers({
      ...(oidcLogin === undefined ? {} : { oidc: oidcLogin }),
      users,
      login,
      sessionOf: authenticator.sessionOf,
      audit,
      log,
    }),
    ...tokenHandlers(shared),
    ...userHandlers(shared),
    ...roleHandlers(store),
    listAudit: async ({ query }) => ({ answer: await auditTable.list(query) }),
  } satisfies AccessHandlers;
  return {
    access: isOff ? unrestrictedAccess({ audit }) : { ...authenticator, audit },
    handlers: auditChanges(handlers, store.current, audit),
    start: async () => {
      requireUsable(config.adminPassword);
      if (!isOff) await resets.prepare();
      await task.start();
    },
    stop: async () => {
      // A database that hangs loses moments of last use, and audit entries that the log has.
      await within(
        task.stop().then(() => store.flush()),
        stopMaxMs,
      );
    },
    welcomeToken: () => (isOff ? null : welcome.current()),
  };
}

const onThisMachine = {
  outcome: 'allowed',
  username: null,
  method: 'service',
  credentialId: null,
  cameraId: null,
  address: '',
} as const;
