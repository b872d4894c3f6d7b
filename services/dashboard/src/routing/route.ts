import { userSchema } from '@camplane/contracts/access';
import { cameraIdSchema } from '@camplane/contracts/camera-id';
import { detectionIdSchema } from '@camplane/contracts/detection';
import { auditFilterQuery, parseAuditFilter } from '../audit/audit-filter.ts';
import type { AuditFilter } from '../audit/audit-filter.ts';
import { filterQuery, parseFilter } from '../detections/detection-filter.ts';
import type { DetectionFilter } from '../detections/detection-filter.ts';

/** A page of the dashboard. Each has its own address, so that it can be linked and reloaded. */
export type Route =
  | { page: 'cameras' }
  | { page: 'wall' }
  | { page: 'new-camera' }
  | { page: 'camera'; id: string }
  | { page: 'edit-camera'; id: string }
  | { page: 'detections'; filter: DetectionFilter }
  | { page: 'detection'; id: string }
  /** `camera`: the one to make an address for. */
  | { page: 'account'; camera: string | null }
  | { page: 'users' }
  | { page: 'new-user' }
  | { page: 'user'; id: string }
  | { page: 'roles' }
  | { page: 'audit'; filter: AuditFilter }
  | { page: 'unknown'; path: string };

/** @param address path with query */
export function parseRoute(address: string): Route {
  const [path = '/', query = ''] = address.split('?', 2);
  const segments = path.split('/').filter((segment) => segment !== '');
  const [first, second, third, ...rest] = segments;
  if (first === undefined) return { page: 'cameras' };
  if (first === 'detections') return parseDetections(path, segments.slice(1), query);
  if (first !== 'cameras') return parseAccess(path, segments, new URLSearchParams(query));
  if (rest.length > 0) return { page: 'unknown', path };
  if (second === undefined) return { page: 'cameras' };
  // A camera with the id `new` has only an edit page.
  if (second === 'new' && third === undefined) return { page: 'new-camera' };
  const id = cameraIdSchema.safeParse(second);
  if (!id.success) return { page: 'unknown', path };
  if (third === undefined) return { page: 'camera', id: id.data };
  if (third === 'edit') return { page: 'edit-camera', id: id.data };
  return { page: 'unknown', path };
}

function parseDetections(path: string, [second, ...rest]: string[], query: string): Route {
  if (second === undefined) return { page: 'detections', filter: parseFilter(new URLSearchParams(query)) };
  const id = detectionIdSchema.safeParse(second);
  return id.success && rest.length === 0 ? { page: 'detection', id: id.data } : { page: 'unknown', path };
}

function parseAccess(path: string, [first, second, ...rest]: string[], query: URLSearchParams): Route {
  if (first === 'users' && second !== undefined && rest.length === 0) {
    if (second === 'new') return { page: 'new-user' };
    const id = userSchema.shape.id.safeParse(second);
    return id.success ? { page: 'user', id: id.data } : { page: 'unknown', path };
  }
  if (second !== undefined) return { page: 'unknown', path };
  switch (first) {
    case 'account': {
      const camera = cameraIdSchema.safeParse(query.get('camera'));
      return { page: 'account', camera: camera.success ? camera.data : null };
    }
    case 'wall':
      return { page: 'wall' };
    case 'users':
      return { page: 'users' };
    case 'roles':
      return { page: 'roles' };
    case 'audit':
      return { page: 'audit', filter: parseAuditFilter(query) };
    default:
      return { page: 'unknown', path };
  }
}

/** The inverse of {@link parseRoute}. */
export function routePath(route: Route): string {
  switch (route.page) {
    case 'cameras':
      return '/';
    case 'wall':
      return '/wall';
    case 'new-camera':
      return '/cameras/new';
    case 'camera':
      // `/cameras/new` is the page that adds a camera.
      return route.id === 'new' ? '/cameras/new/edit' : `/cameras/${route.id}`;
    case 'edit-camera':
      return `/cameras/${route.id}/edit`;
    case 'detections': {
      const query = filterQuery(route.filter);
      return query === '' ? '/detections' : `/detections?${query}`;
    }
    case 'detection':
      return `/detections/${route.id}`;
    case 'account':
      return route.camera === null ? '/account' : `/account?camera=${route.camera}`;
    case 'users':
      return '/users';
    case 'new-user':
      return '/users/new';
    case 'user':
      return `/users/${route.id}`;
    case 'roles':
      return '/roles';
    case 'audit': {
      const query = auditFilterQuery(route.filter);
      return query === '' ? '/audit' : `/audit?${query}`;
    }
    case 'unknown':
      return route.path;
  }
}
