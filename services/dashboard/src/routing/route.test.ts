import { describe, expect, it } from '@jest/globals';
import { parseRoute, routePath } from './route.ts';
import type { Route } from './route.ts';
import { noFilter } from '../detections/detection-filter.ts';

const id = '00000001-0000-4000-8000-000000000001';

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
    ['/cameras?x=1', { page: 'cameras' }],
    ['/detections', { page: 'detections', filter: noFilter }],
    [
      '/detections/?camera=front-door',
      { page: 'detections', filter: { ...noFilter, cameraId: 'front-door' } },
    ],
    [`/detections/${id}`, { page: 'detection', id }],
    [`/detections/${id}/image`, { page: 'unknown', path: `/detections/${id}/image` }],
    ['/detections/7', { page: 'unknown', path: '/detections/7' }],
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
  ])('round-trips $page', (route) => {
    expect(parseRoute(routePath(route))).toEqual(route);
  });
});
