import type { ApiToken, AuditEntry, CurrentSession, Role, Session, User } from '../access.ts';

/* Objects in the examples of operations on users, sessions and API tokens. */

const userId = '3f2f0a7e-3f0a-4b62-9d7d-1b7a2b9c6c11';
export const passwordExample = 'four unrelated long words';

export const userExample: User = {
  id: userId,
  username: 'anna',
  displayName: 'Anna',
  signIn: 'password',
  enabled: true,
  grants: [{ role: 'viewer', scope: { kind: 'cameras', ids: ['front-door'] } }],
  createdAt: '2026-11-20T08:00:00.000Z',
  lastLoginAt: '2026-11-21T13:30:00.000Z',
};

export const currentSessionExample: CurrentSession = {
  method: 'session',
  userId,
  username: 'anna',
  displayName: 'Anna',
  signIn: 'password',
  rights: [
    { permissions: ['camera.view', 'detection.view'], scope: { kind: 'cameras', ids: ['front-door'] } },
  ],
  expiresAt: '2026-12-21T13:30:00.000Z',
};

export const sessionExample: Session = {
  id: '0b3f5e1c-3f0a-4b62-9d7d-1b7a2b9c6c11',
  userId,
  createdAt: '2026-11-21T13:30:00.000Z',
  lastUsedAt: '2026-11-21T13:36:51.123Z',
  expiresAt: '2026-12-21T13:30:00.000Z',
  address: '192.0.2.20',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0',
  current: true,
};

export const tokenExample: ApiToken = {
  id: 'a3bb189e-8bf9-4c4a-9f0d-2f5d6c7b8a90',
  userId,
  name: 'Home Assistant',
  permissions: ['camera.view'],
  scope: { kind: 'label', key: 'floor', value: 'ground' },
  createdAt: '2026-11-20T08:00:00.000Z',
  expiresAt: '2027-11-20T08:00:00.000Z',
  lastUsedAt: null,
};

export const roleExample: Role = { name: 'guard', permissions: ['camera.view'], builtIn: false };

export const auditEntryExample: AuditEntry = {
  id: 'c56a4180-65aa-42ec-a945-5fd21dec0538',
  at: '2026-11-21T13:36:51.123Z',
  action: 'updateCamera',
  outcome: 'refused',
  username: 'anna',
  method: 'session',
  credentialId: '0b3f5e1c-3f0a-4b62-9d7d-1b7a2b9c6c11',
  cameraId: 'front-door',
  address: '192.0.2.20',
  detail: 'The permission camera.configure is needed',
};
