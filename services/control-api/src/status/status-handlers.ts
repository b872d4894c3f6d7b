import { cameraNotFound } from '../cameras/camera-not-found.ts';
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Handlers } from '../http/api-router.ts';
import type { StatusBoard } from './status-board.ts';

/** Status over HTTP, from memory: it is answered while the database is away, too. */
export function statusHandlers(deps: {
  registry: Pick<CameraRegistry, 'get' | 'list'>;
  board: StatusBoard;
}): Pick<Handlers, 'listStatus' | 'readStatus'> {
  const { registry, board } = deps;
  return {
    listStatus: async () => {
      const known = board.all();
      // None may mean that the store was never read: then its own answer, or failure, is the true one.
      const items = known.length > 0 ? known : (await registry.list()).map((camera) => board.ofNew(camera));
      return { answer: { items } };
    },
    readStatus: async ({ id }) => {
      const known = board.get(id);
      if (known) return { answer: known };
      // Another process may have added it since the last look at the store.
      const camera = await registry.get(id);
      if (!camera) throw cameraNotFound(id);
      return { answer: board.ofNew(camera) };
    },
  };
}
