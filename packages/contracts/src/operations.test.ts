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

  it('requires more than camera.view for every change', () => {
    const changes = table.filter(([, { method }]) => method !== 'get');
    expect(changes.length).toBeGreaterThan(4);
    for (const [id, { permission }] of changes) {
      expect([id, permission]).toEqual([id, expect.stringMatching(/^camera\.(operate|configure)$/)]);
    }
  });
});

describe('operationPath', () => {
  it('fills in and encodes the id', () => {
    expect(operationPath('listCameras')).toBe('/api/v1/cameras');
    expect(operationPath('readSnapshot', { id: '../a b' })).toBe('/api/v1/cameras/..%2Fa%20b/snapshot');
  });
});
