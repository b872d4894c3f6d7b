import type { CurrentSession } from '@camplane/contracts/access';
import type { Camera } from '@camplane/contracts/camera-http';
import { identityOf } from '../live/cameras-state.ts';
import type { Route } from '../routing/route.ts';
import type { Permits } from './permits.ts';

export type PageAccess = 'shown' | 'refused' | 'no-accounts';

/** Whether a page is shown. Pages of one camera or detection say themselves what they cannot find. */
export function pageAccess(
  route: Route,
  permits: Permits,
  { method, cameras }: { method: CurrentSession['method']; cameras: readonly Camera[] | null },
): PageAccess {
  const shownIf = (permitted: boolean): PageAccess => (permitted ? 'shown' : 'refused');
  switch (route.page) {
    case 'cameras':
    case 'wall':
    case 'camera':
    case 'unknown':
      return 'shown';
    case 'new-camera':
      return shownIf(permits.addCamera);
    case 'edit-camera': {
      const camera = cameras?.find(({ id }) => id === route.id);
      return shownIf(
        camera ? permits.camera('camera.configure', identityOf(camera)) : permits.some('camera.configure'),
      );
    }
    case 'detections':
    case 'detection':
      return shownIf(permits.some('detection.view'));
    case 'account':
      return method === 'none' ? 'no-accounts' : 'shown';
    case 'users':
    case 'new-user':
    case 'user':
    case 'roles':
      return method === 'none' ? 'no-accounts' : shownIf(permits.installation('user.manage'));
    case 'audit':
      return shownIf(permits.installation('audit.view'));
  }
}
