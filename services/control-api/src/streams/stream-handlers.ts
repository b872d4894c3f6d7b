import { createCameraSchema } from '@camplane/contracts/camera-http';
import type { CameraInput } from '@camplane/contracts/camera';
import { operationPath } from '@camplane/contracts/operations';
import { CamplaneError } from '@camplane/contracts/problem';
import type { UpdateStream } from '@camplane/contracts/stream';
import { getCamera, requireConfigure, visibleCameras } from '../cameras/camera-handlers.ts';
import { storedInvalid } from '../cameras/camera-refusals.ts';
import type { CameraRecord, CameraRegistry } from '../cameras/registry.ts';
import type { Handlers } from '../http/api-router.ts';
import type { StatusBoard } from '../status/status-board.ts';
import { streamOf, unhealthyStreamOf } from './stream-view.ts';

type StreamOperation =
  | 'listStreams'
  | 'createStream'
  | 'listStreamHealth'
  | 'readStream'
  | 'updateStream'
  | 'deleteStream'
  | 'startStream'
  | 'stopStream';

/** The operations on streams: the same cameras in another form (R3.4). */
export function streamHandlers(deps: {
  registry: CameraRegistry;
  board: StatusBoard;
  deleteCamera: Handlers['deleteCamera'];
}): Pick<Handlers, StreamOperation> {
  const { registry, board, deleteCamera } = deps;
  const toAnswer = (camera: CameraRecord) => ({ answer: streamOf(camera, board) });

  return {
    listStreams: async ({ principal }) => ({
      answer: { items: (await visibleCameras(registry, principal)).map((each) => streamOf(each, board)) },
    }),
    createStream: async ({ body, principal }) => {
      requireConfigure(principal, body.id, {});
      const camera = await registry.create(
        createCameraSchema.parse({
          id: body.id,
          displayName: body.name,
          source: { url: body.rtspUrl },
          frames: { fps: body.fps },
          detection: { enabled: body.detectionEnabled },
        }),
      );
      return { ...toAnswer(camera), headers: { Location: operationPath('readStream', { id: camera.id }) } };
    },
    listStreamHealth: async ({ principal }) => {
      const cameras = await visibleCameras(registry, principal);
      const unhealthy = cameras.flatMap((camera) => unhealthyStreamOf(camera, board) ?? []);
      return { answer: { total: cameras.length, unhealthy } };
    },
    readStream: async ({ id }) => toAnswer(await getCamera(registry, id)),
    updateStream: async ({ id, body }) => {
      try {
        return toAnswer(await registry.replace(id, (stored) => withChanges(id, stored, body)));
      } catch (error) {
        throw inTermsOfStreams(error, id);
      }
    },
    deleteStream: (call) => deleteCamera(call),
    startStream: async ({ id }) => toAnswer(await registry.requestStart(id)),
    stopStream: async ({ id }) => toAnswer(await registry.requestStop(id)),
  };
}

/** The stored credentials are kept; the registry refuses to send them to another host. */
function withChanges(id: string, stored: CameraRecord | undefined, changes: UpdateStream): CameraInput {
  if (!stored) throw storedInvalid(id);
  const { spec } = stored;
  const { name, rtspUrl, detectionEnabled, fps } = changes;
  return {
    ...spec,
    displayName: name ?? spec.displayName,
    source: { ...spec.source, url: rtspUrl ?? spec.source.url },
    frames: { ...spec.frames, fps: fps ?? spec.frames.fps },
    detection: { ...spec.detection, enabled: detectionEnabled ?? spec.detection.enabled },
  };
}

/** A stream has no credentials, so that the refusal names its own field and where they can be sent. */
function inTermsOfStreams(error: unknown, id: string): unknown {
  if (!(error instanceof CamplaneError) || error.kind !== 'invalid-body') return error;
  const path = operationPath('replaceCamera', { id });
  const message =
    'must keep its scheme, host and port, because stored credentials are never sent to another host: ' +
    `send the address with the credentials to PUT ${path}`;
  return new CamplaneError('invalid-body', `rtspUrl: ${message}`, { fields: [{ path: 'rtspUrl', message }] });
}
