import { describe, expect, it } from '@jest/globals';
import { parseRoute, routePath } from './route.ts';
import type { Route } from './route.ts';

describe('routes', () => {
  it.each<[string, Route]>([
    ['/', { page: 'cameras' }],
    ['/cameras', { page: 'cameras' }],
    ['/cameras/', { page: 'cameras' }],
    ['/cameras/new', { page: 'new-camera' }],
    ['/cameras/front-door', { page: 'camera', id: 'front-door' }],
    ['/cameras/front-door/', { page: 'camera', id: 'front-door' }],
    ['/cameras/front-door/edit', { page: 'edit-camera', id: 'front-door' }],
    ['/cameras/new/edit', { page: 'edit-camera', id: 'new' }],
    ['/cameras/Front%20Door', { page: 'unknown', path: '/cameras/Front%20Door' }],
    ['/cameras/front-door/delete', { page: 'unknown', path: '/cameras/front-door/delete' }],
    ['/cameras/front-door/edit/more', { page: 'unknown', path: '/cameras/front-door/edit/more' }],
    ['/elsewhere', { page: 'unknown', path: '/elsewhere' }],
  ])('reads %s', (path, route) => {
    expect(parseRoute(path)).toEqual(route);
  });

  it.each<Route>([
    { page: 'cameras' },
    { page: 'new-camera' },
    { page: 'camera', id: 'front-door' },
    { page: 'edit-camera', id: 'front-door' },
  ])('writes an address that reads back as $page', (route) => {
    expect(parseRoute(routePath(route))).toEqual(route);
  });
});
