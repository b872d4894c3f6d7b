import { describe, expect, it } from '@jest/globals';
import type { CurrentSession } from '@camplane/contracts/access';
import { builtInRoles } from '@camplane/contracts/access';
import { noAuditFilter } from '../audit/audit-filter.ts';
import { noFilter } from '../detections/detection-filter.ts';
import { sampleCamera } from '../live/sample-camera.ts';
import type { Route } from '../routing/route.ts';
import { pageAccess } from './page-access.ts';
import { permitsOf } from './permits.ts';

const cameras = [sampleCamera('door'), sampleCamera('yard')];
const access = (route: Route, session: Pick<CurrentSession, 'method' | 'rights'>) =>
  pageAccess(route, permitsOf(session), { method: session.method, cameras });

const viewer = {
  method: 'session' as const,
  rights: [{ permissions: [...builtInRoles.viewer], scope: { kind: 'cameras' as const, ids: ['door'] } }],
};
const admin = {
  method: 'session' as const,
  rights: [{ permissions: [...builtInRoles.admin], scope: { kind: 'all' as const } }],
};
const id = '00000001-0000-4000-8000-000000000001';

describe('pageAccess', () => {
  it.each<[Route, 'shown' | 'refused']>([
    [{ page: 'cameras' }, 'shown'],
    [{ page: 'wall' }, 'shown'],
    [{ page: 'camera', id: 'door' }, 'shown'],
    [{ page: 'detections', filter: noFilter }, 'shown'],
    [{ page: 'account', camera: null }, 'shown'],
    [{ page: 'new-camera' }, 'refused'],
    [{ page: 'edit-camera', id: 'door' }, 'refused'],
    [{ page: 'users' }, 'refused'],
    [{ page: 'new-user' }, 'refused'],
    [{ page: 'user', id }, 'refused'],
    [{ page: 'roles' }, 'refused'],
    [{ page: 'audit', filter: noAuditFilter }, 'refused'],
  ])('of a viewer of one camera to %j is %s', (route, expected) => {
    expect(access(route, viewer)).toBe(expected);
    expect(access(route, admin)).toBe('shown');
  });

  it('lets a user who may configure one camera edit only that one', () => {
    const session = {
      method: 'session' as const,
      rights: [
        { permissions: ['camera.view' as const], scope: { kind: 'all' as const } },
        { permissions: ['camera.configure' as const], scope: { kind: 'cameras' as const, ids: ['door'] } },
      ],
    };
    expect(access({ page: 'edit-camera', id: 'door' }, session)).toBe('shown');
    expect(access({ page: 'edit-camera', id: 'yard' }, session)).toBe('refused');
    expect(access({ page: 'new-camera' }, session)).toBe('refused');
  });

  it('explains that there are no accounts without access control', () => {
    const off = { method: 'none' as const, rights: [] };
    expect(access({ page: 'users' }, off)).toBe('no-accounts');
    expect(access({ page: 'account', camera: null }, off)).toBe('no-accounts');
    expect(access({ page: 'new-camera' }, off)).toBe('shown');
  });
});
