import { describe, expect, it } from '@jest/globals';
import type { Operation } from './operation.ts';
import { apiRoot } from './operation-parts.ts';
import { operationPath, operations } from './operations.ts';

const table = Object.entries<Operation>(operations);

describe('the operations table', () => {
  it('has paths below the API root', () => {
    expect(table.filter(([, { path }]) => !path.startsWith(`${apiRoot}/`))).toEqual([]);
  });

  it('has one operation for each method and path', () => {
    const routes = table.map(([, { method, path }]) => `${method} ${path}`);
    expect(new Set(routes).size).toBe(routes.length);
  });

  it('requires more than viewing for every change, and signing in for all but signing in', () => {
    const changes = table.filter(([, { method }]) => method !== 'get');
    const openTo = (...permissions: string[]) =>
      changes.flatMap(([id, { permission }]) => (permissions.includes(permission) ? [id] : []));
    expect(changes.length).toBeGreaterThan(10);
    expect(openTo('none')).toEqual(['createSession']);
    // These only let their caller view.
    expect(openTo('camera.view', 'detection.view')).toEqual([
      'createTicket',
      'offerWebrtc',
      'createWhepSession',
      'readWhepOptions',
      'updateWhepSession',
      'deleteWhepSession',
    ]);
  });

  it('reads nothing without signing in but facts about the server, and signs in', () => {
    const open = table.filter(([, { method, permission }]) => method === 'get' && permission === 'none');
    expect(open.map(([id]) => id)).toEqual(['startOidc', 'finishOidc', 'readInfo', 'readOpenApi']);
  });

  it('decides by a camera wherever a permission on cameras meets an id', () => {
    const onCameras = table.filter(
      ([, { permission, path }]) => /^(camera|detection)\./.test(permission) && path.includes('{id}'),
    );
    expect(onCameras.length).toBeGreaterThan(8);
    for (const [id, { idOf = 'camera' }] of onCameras)
      expect([id, idOf]).toEqual([id, expect.stringMatching(/^(camera|detection)$/)]);
    const others = table.filter(([, { permission }]) => /^(user|audit)\./.test(permission));
    for (const [id, { idOf, path }] of others)
      expect([id, path.includes('{id}') ? idOf : 'user']).toEqual([
        id,
        expect.stringMatching(/^(user|role)$/),
      ]);
  });
});

describe('operationPath', () => {
  it('fills in and encodes the id', () => {
    expect(operationPath('listCameras')).toBe('/api/v1/cameras');
    expect(operationPath('readSnapshot', { id: '../a b' })).toBe('/api/v1/cameras/..%2Fa%20b/snapshot');
  });
});
