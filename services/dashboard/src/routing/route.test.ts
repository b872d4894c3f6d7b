import { describe, expect, it } from '@jest/globals';
import { parseRoute, routePath } from './route.ts';
import type { Route } from './route.ts';
import { noAuditFilter } from '../audit/audit-filter.ts';
import { noFilter } from '../detections/detection-filter.ts';

const id = '00000001-0000-4000-8000-000000000001';

describe('routes', () => {
  it.each<[string, Route]>([
    ['/', { page: 'cameras' }],
    ['/cameras', { page: 'cameras' }],
    ['/cameras/', { page: 'cameras' }],
    ['/wall', { page: 'wall' }],
    ['/wall/2', { page: 'unknown', path: '/wall/2' }],
    ['/cameras/new', { page: 'new-camera' }],
    ['/cameras/front-door', { page: 'camera', id: 'front-door' }],
    ['/cameras/front-door/', { page: 'camera', id: 'front-door' }],
    ['/cameras/front-door/edit', { page: 'edit-camera', id: 'front-door' }],
    ['/cameras/new/edit', { page: 'edit-camera', id: 'new' }],
    ['/cameras/Front%20Door', { page: 'unknown', path: '/cameras/Front%20Door' }],
    ['/cameras/front-door/delete', { page: 'unknown', path: '/cameras/front-door/delete' }],
    ['/cameras/front-door/edit/more', { page: 'unknown', path: '/cameras/front-door/edit/more' }],
    ['/cameras?x=1', { page: 'cameras' }],
    ['/detections', { page: 'detections', filter: noFilter }],
    [
      '/detections/?camera=front-door',
      { page: 'detections', filter: { ...noFilter, cameraId: 'front-door' } },
    ],
    [`/detections/${id}`, { page: 'detection', id }],
    [`/detections/${id}/image`, { page: 'unknown', path: `/detections/${id}/image` }],
    ['/detections/7', { page: 'unknown', path: '/detections/7' }],
    ['/account', { page: 'account', camera: null }],
    ['/account?camera=front-door', { page: 'account', camera: 'front-door' }],
    ['/users', { page: 'users' }],
    ['/users/new', { page: 'new-user' }],
    [`/users/${id}`, { page: 'user', id }],
    ['/users/7', { page: 'unknown', path: '/users/7' }],
    [`/users/${id}/tokens`, { page: 'unknown', path: `/users/${id}/tokens` }],
    ['/roles', { page: 'roles' }],
    ['/roles/viewer', { page: 'unknown', path: '/roles/viewer' }],
    ['/audit?outcome=refused', { page: 'audit', filter: { ...noAuditFilter, outcome: 'refused' } }],
    ['/elsewhere', { page: 'unknown', path: '/elsewhere' }],
  ])('parses %s', (path, route) => {
    expect(parseRoute(path)).toEqual(route);
  });

  it.each<Route>([
    { page: 'cameras' },
    { page: 'new-camera' },
    { page: 'camera', id: 'front-door' },
    { page: 'edit-camera', id: 'front-door' },
    { page: 'detections', filter: noFilter },
    { page: 'detections', filter: { ...noFilter, label: 'a & b', minConfidence: 0.5, motion: true } },
    { page: 'detection', id },
    { page: 'account', camera: null },
    { page: 'account', camera: 'front-door' },
    { page: 'users' },
    { page: 'new-user' },
    { page: 'user', id },
    { page: 'roles' },
    { page: 'audit', filter: noAuditFilter },
    { page: 'audit', filter: { ...noAuditFilter, username: 'anna@home', action: 'createUser' } },
  ])('round-trips $page', (route) => {
    expect(parseRoute(routePath(route))).toEqual(route);
  });
});
