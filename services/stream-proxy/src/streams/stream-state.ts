import type { JpegStreamState } from '@camplane/contracts/jpeg-stream';
import type { StreamQuality } from '@camplane/contracts/camera-id';
import type { VideoStatus } from './follow-status.ts';

/** What viewers are sent about a stream. */
export type StreamState = { state: JpegStreamState; reason: string | null; message: string | null };

/**
 * The state of a stream. The camera's status comes first: while it is not running, MediaMTX sends a slate, which does
 * not show the camera.
 *
 * @param facts.source the stream of the camera that is read
 * @param facts.failure why FFmpeg delivers no frames; null while it does, or starts for the first time
 */
export function streamStateOf(facts: {
  status: VideoStatus | undefined;
  source: StreamQuality;
  failure: { kind: string; message: string } | null;
  hasFrame: boolean;
}): StreamState {
  const { status, source, failure, hasFrame } = facts;
  if (status && !showsCamera(status, source)) {
    const isSubStarting = source === 'sub' && (status.isRunning || status.phase === 'IDLE');
    if (isSubStarting) return awaitingFrame;
    const isStarting = status.phase === 'STARTING' || status.phase === 'IDLE';
    return { state: isStarting ? 'starting' : 'offline', reason: status.reason, message: status.message };
  }
  if (failure) return { state: 'offline', reason: failure.kind, message: failure.message };
  if (hasFrame) return { state: 'live', reason: null, message: null };
  return awaitingFrame;
}

const awaitingFrame: StreamState = {
  state: 'starting',
  reason: 'AwaitingFrame',
  message: 'Waiting for the first picture',
};

/** Whether the frames that FFmpeg delivers show the camera. The sub stream also runs while the main stream is idle. */
export function showsCamera(status: VideoStatus | undefined, source: StreamQuality): boolean {
  if (status === undefined) return true;
  return source === 'main' ? status.isRunning : status.sub?.reason === 'FramesFlowing';
}
