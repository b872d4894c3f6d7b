import { describe, expect, it } from '@jest/globals';
import type { CameraScope } from '@camplane/contracts/access';
import { permitsOf } from './permits.ts';

const door = { id: 'door', labels: {} };

describe('permitsOf', () => {
  it('permits everything without access control', () => {
    const permits = permitsOf({ method: 'none', rights: [] });
    expect(permits.camera('camera.configure', door)).toBe(true);
    expect(permits.some('detection.view')).toBe(true);
    expect(permits.installation('user.manage')).toBe(true);
  });

  it('permits a viewer of one camera only that camera', () => {
    const permits = permitsOf({
      method: 'session',
      rights: [{ permissions: ['camera.view'], scope: { kind: 'cameras', ids: ['door'] } }],
    });
    expect(permits.camera('camera.view', door)).toBe(true);
    expect(permits.camera('camera.view', { id: 'yard', labels: {} })).toBe(false);
    expect(permits.camera('camera.operate', door)).toBe(false);
    expect(permits.some('camera.view')).toBe(true);
    expect(permits.installation('camera.view')).toBe(false);
  });

  it('permits who configures cameras with a label to add one', () => {
    const configures = (scope: CameraScope) =>
      permitsOf({ method: 'session', rights: [{ permissions: ['camera.configure'], scope }] });
    expect(configures({ kind: 'label', key: 'site', value: 'north' }).addCamera).toBe(true);
    expect(configures({ kind: 'cameras', ids: ['door'] }).addCamera).toBe(false);
  });

  it('permits nothing without rights', () => {
    const permits = permitsOf({ method: 'session', rights: [] });
    expect(permits.some('camera.view')).toBe(false);
    expect(permits.installation('audit.view')).toBe(false);
  });
});
