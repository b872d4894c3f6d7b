import { cameraIdSchema } from '@camplane/contracts/camera-id';

/** A page of the dashboard. Each has an address of its own, so that it can be linked to and reloaded. */
export type Route =
  | { page: 'cameras' }
  | { page: 'new-camera' }
  | { page: 'camera'; id: string }
  | { page: 'edit-camera'; id: string }
  | { page: 'unknown'; path: string };

export function parseRoute(path: string): Route {
  const segments = path.split('/').filter((segment) => segment !== '');
  const [first, second, third, ...rest] = segments;
  if (first === undefined) return { page: 'cameras' };
  if (first !== 'cameras' || rest.length > 0) return { page: 'unknown', path };
  if (second === undefined) return { page: 'cameras' };
  // A camera may be called `new`: its page then has no address, but its edit page has.
  if (second === 'new' && third === undefined) return { page: 'new-camera' };
  const id = cameraIdSchema.safeParse(second);
  if (!id.success) return { page: 'unknown', path };
  if (third === undefined) return { page: 'camera', id: id.data };
  if (third === 'edit') return { page: 'edit-camera', id: id.data };
  return { page: 'unknown', path };
}

/** The inverse of {@link parseRoute}. */
export function routePath(route: Route): string {
  switch (route.page) {
    case 'cameras':
      return '/';
    case 'new-camera':
      return '/cameras/new';
    case 'camera':
      // The one id that is also a page's address; a trailing slash would not tell them apart.
      return route.id === 'new' ? '/cameras/new/edit' : `/cameras/${route.id}`;
    case 'edit-camera':
      return `/cameras/${route.id}/edit`;
    case 'unknown':
      return route.path;
  }
}
