import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { requireOnCamera } from '../access/camera-rights.ts';
import type { CameraDirectory } from '../access/camera-rights.ts';
import { cameraNotFound } from '../cameras/camera-not-found.ts';
import { credentialsUnreadable } from '../cameras/camera-refusals.ts';
import { mayReuseCredentials } from '../cameras/credentials-scope.ts';
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Handlers } from '../http/api-router.ts';
import type { StatusBoard } from '../status/status-board.ts';
import type { CameraServiceClient } from './camera-service-client.ts';

/** Snapshots of cameras and probes of sources, both from camera-service. */
export function snapshotHandlers(deps: {
  registry: Pick<CameraRegistry, 'get'>;
  board: Pick<StatusBoard, 'get' | keyof CameraDirectory>;
  cameraService: CameraServiceClient;
}): Pick<Handlers, 'readSnapshot' | 'probeSource'> {
  const { registry, board, cameraService } = deps;
  return {
    readSnapshot: async ({ id, signal, response }) => {
      // From memory first, so that snapshots work while the database is unreachable.
      if (!board.get(id) && !(await registry.get(id))) throw cameraNotFound(id);
      const snapshot = Readable.from(await cameraService.snapshot(id, signal));
      response.status(200).set({ 'Content-Type': 'image/jpeg', 'Cache-Control': 'no-store' });
      try {
        await pipeline(snapshot, response);
      } catch (error) {
        // A client that disconnects is not an error.
        if (!signal.aborted) throw error;
      }
      return 'sent';
    },
    probeSource: async ({ body, principal, signal }) => {
      const { url, transport, cameraId, mode, audio } = body;
      if (cameraId !== undefined) requireOnCamera(principal, 'camera.configure', cameraId, board);
      let credentials = body.credentials ?? null;
      if (body.credentials === undefined && cameraId !== undefined) {
        const camera = await registry.get(cameraId);
        if (!camera) throw cameraNotFound(cameraId);
        // Only to the host that gets them anyway. Otherwise a probe could send them to any host.
        if (mayReuseCredentials(camera.spec.source, { url, subUrl: null })) {
          if (camera.credentialsProblem !== undefined) throw credentialsUnreadable(camera.credentialsProblem);
          credentials = camera.credentials;
        }
      }
      return { answer: await cameraService.probe({ url, transport, credentials, mode, audio }, signal) };
    },
  };
}
