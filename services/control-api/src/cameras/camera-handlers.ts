import type { CameraLabels } from '@camplane/contracts/camera-labels';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { operationPath } from '@camplane/contracts/operations';
import { authorize } from '../access/authorize.ts';
import { forbidden } from '../access/camera-rights.ts';
import type { Principal } from '../access/principal.ts';
import type { Handlers } from '../http/api-router.ts';
import { awaitStopped } from '../status/await-stopped.ts';
import type { StatusBoard } from '../status/status-board.ts';
import { cameraEtag, requireMatch } from './camera-etag.ts';
import { toCameraAnswer } from './camera-answer.ts';
import { cameraNotFound } from './camera-not-found.ts';
import { storedInvalid } from './camera-refusals.ts';
import { patchedInput } from './patched-input.ts';
import type { CameraRecord, CameraRegistry } from './registry.ts';

type CameraOperation =
  | 'listCameras'
  | 'createCamera'
  | 'readCamera'
  | 'replaceCamera'
  | 'updateCamera'
  | 'deleteCamera'
  | 'startCamera'
  | 'stopCamera'
  | 'readCombined';

/** The operations on cameras. */
export function cameraHandlers(deps: {
  registry: CameraRegistry;
  board: StatusBoard;
  stopWaitMs: number;
}): Pick<Handlers, CameraOperation> {
  const { registry, board, stopWaitMs } = deps;
  const getOrThrow = (id: string): Promise<CameraRecord> => getCamera(registry, id);
  const statusOf = (camera: CameraRecord): CameraStatus => board.get(camera.id) ?? board.ofNew(camera);

  const toAnswer = (camera: CameraRecord, headers: Record<string, string> = {}) => ({
    answer: toCameraAnswer(camera),
    headers: { ETag: cameraEtag(camera), ...headers },
  });

  /** Disables a camera and waits up to `stopWaitMs` until it reports STOPPED. */
  const stop = async (
    id: string,
    signal: AbortSignal,
    check: (stored: CameraRecord | undefined) => void = () => {},
  ): Promise<CameraStatus> => {
    const before = await getOrThrow(id);
    if (!before.spec.enabled && statusOf(before).phase === 'STOPPED') {
      check(before);
      return statusOf(before);
    }
    // Subscribe first: the report may arrive at once.
    const stopped = awaitStopped(board, id, { deadlineMs: stopWaitMs, signal });
    try {
      const camera = await registry.requestStop(id, check);
      return (await stopped.settled) ?? statusOf(camera);
    } finally {
      stopped.cancel();
    }
  };

  return {
    listCameras: async ({ principal }) => ({
      answer: { items: (await visibleCameras(registry, principal)).map(toCameraAnswer) },
    }),
    createCamera: async ({ body, principal }) => {
      requireConfigure(principal, body.id, body.labels ?? {});
      const camera = await registry.create(body);
      const location = operationPath('readCamera', { id: camera.id });
      return toAnswer(camera, { Location: location });
    },
    readCamera: async ({ id }) => toAnswer(await getOrThrow(id)),
    replaceCamera: async ({ id, body, principal, ifMatch }) => {
      // Otherwise one could take a camera away from its other users, oneself included.
      if (body.labels) requireConfigure(principal, id, body.labels);
      const replaced = await registry.replace(id, (stored) => {
        requireMatch(ifMatch, id, stored);
        return body;
      });
      return toAnswer(replaced);
    },
    updateCamera: async ({ id, body, principal, ifMatch }) => {
      const updated = await registry.replace(id, (stored) => {
        requireMatch(ifMatch, id, stored);
        if (!stored) throw storedInvalid(id);
        const input = patchedInput(stored, body);
        if (body.labels !== undefined) requireConfigure(principal, id, input.labels ?? {});
        return input;
      });
      return toAnswer(updated);
    },
    deleteCamera: async ({ id, signal, ifMatch }) => {
      const check = (stored: CameraRecord | undefined): void => requireMatch(ifMatch, id, stored);
      // An invalid stored camera is not running, so there is nothing to stop.
      if (await registry.get(id)) await stop(id, signal, check);
      else check(undefined);
      await registry.remove(id);
      return 'empty';
    },
    startCamera: async ({ id }) => ({ answer: statusOf(await registry.requestStart(id)) }),
    stopCamera: async ({ id, signal }) => ({ answer: await stop(id, signal) }),
    readCombined: async ({ id }) => {
      const camera = await getOrThrow(id);
      return { answer: { camera: toCameraAnswer(camera), status: statusOf(camera) } };
    },
  };
}

/** @throws CamplaneError `camera-not-found` */
export async function getCamera(registry: Pick<CameraRegistry, 'get'>, id: string): Promise<CameraRecord> {
  const camera = await registry.get(id);
  if (!camera) throw cameraNotFound(id);
  return camera;
}

export async function visibleCameras(
  registry: Pick<CameraRegistry, 'list'>,
  principal: Principal,
): Promise<CameraRecord[]> {
  return (await registry.list()).filter(({ id, spec }) =>
    authorize(principal, 'camera.view', { id, labels: spec.labels ?? {} }),
  );
}

/** Requires `camera.configure` on a camera with new labels. @throws CamplaneError `forbidden` */
export function requireConfigure(principal: Principal, id: string, labels: CameraLabels): void {
  if (!authorize(principal, 'camera.configure', { id, labels })) throw forbidden('camera.configure', id);
}
