import { authorize } from '../access/authorize.ts';
import { hasRight } from '../access/camera-rights.ts';
import { cameraNotFound } from '../cameras/camera-not-found.ts';
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Handlers } from '../http/api-router.ts';
import type { StatusBoard } from './status-board.ts';

/** Status from memory, also while the database is unavailable. */
export function statusHandlers(deps: {
  registry: Pick<CameraRegistry, 'get' | 'list'>;
  board: StatusBoard;
}): Pick<Handlers, 'listStatus' | 'readStatus'> {
  const { registry, board } = deps;
  return {
    listStatus: async ({ principal }) => {
      const known = board.all();
      if (known.length > 0) {
        const items = known.filter(({ cameraId }) => hasRight(principal, 'camera.view', cameraId, board));
        return { answer: { items } };
      }
      // Empty may mean that the store was never read: then it has the answer, or the error.
      const visible = (await registry.list()).filter(({ id, spec }) =>
        authorize(principal, 'camera.view', { id, labels: spec.labels ?? {} }),
      );
      return { answer: { items: visible.map((camera) => board.ofNew(camera)) } };
    },
    readStatus: async ({ id }) => {
      const known = board.get(id);
      if (known) return { answer: known };
      // Another process may have added it since the last resync.
      const camera = await registry.get(id);
      if (!camera) throw cameraNotFound(id);
      return { answer: board.ofNew(camera) };
    },
  };
}
