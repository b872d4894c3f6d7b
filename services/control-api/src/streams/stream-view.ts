import type { Stream, StreamHealth } from '@camplane/contracts/stream';
import { streamStateOf } from '@camplane/contracts/stream';
import type { CameraRecord } from '../cameras/registry.ts';
import type { StatusBoard } from '../status/status-board.ts';

type Board = Pick<StatusBoard, 'get' | 'ofNew' | 'heartbeat'>;

/** A camera as a stream, built field by field: credentials cannot slip through. */
export function streamOf(camera: CameraRecord, board: Board): Stream {
  const { id, spec, createdAt, updatedAt } = camera;
  const { phase } = board.get(id) ?? board.ofNew(camera);
  return {
    id,
    name: spec.displayName,
    rtspUrl: spec.source.url,
    status: streamStateOf(phase, spec.enabled),
    detectionEnabled: spec.detection.enabled,
    fps: spec.frames.fps,
    lastHeartbeat: board.heartbeat(id).at,
    createdAt,
    updatedAt,
  };
}

/** Why a stream is unhealthy; undefined for a healthy one. */
export function unhealthyStreamOf(
  camera: CameraRecord,
  board: Board,
): StreamHealth['unhealthy'][number] | undefined {
  const { id, name, status, lastHeartbeat } = streamOf(camera, board);
  const { reason, message } = board.get(id) ?? board.ofNew(camera);
  // In a cluster the operator may know a better reason for the silence, and another phase.
  if (status !== 'ERROR' && !board.heartbeat(id).isMissing) return undefined;
  return { id, name, status, reason, message, lastHeartbeat };
}
