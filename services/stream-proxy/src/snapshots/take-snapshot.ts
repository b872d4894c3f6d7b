import type { JpegQuality } from '@camplane/contracts/jpeg-stream';
import { CamplaneError } from '@camplane/contracts/problem';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import { onAbort } from '@camplane/runtime/abort';
import type { WallClock } from '@camplane/runtime/clock';
import type { StreamPool } from '../streams/stream-pool.ts';
import type { StreamState } from '../streams/stream-state.ts';

/** A picture of a camera and where it is from: a running stream, camera-service's tap, or a stream that was started. */
export type Snapshot = Pick<JpegFrame, 'jpeg' | 'capturedAt'> & { from: 'stream' | 'tap' | 'started' };

/** The frame of a camera that camera-service has or takes; null if it has none. Never rejects. */
export type TapFrame = (
  cameraId: string,
  signal: AbortSignal,
) => Promise<Pick<JpegFrame, 'jpeg' | 'capturedAt'> | null>;

export const snapshotMaxMs = 3000;
/** A tap that has a frame answers at once; one that has to start takes as long as a stream. */
const tapMaxMs = 500;
const currentMs = 3000;
const quality: JpegQuality = 'high';

/**
 * The current picture of a camera, within {@link snapshotMaxMs}.
 *
 * @throws CamplaneError `no-picture` with the reason; `stream-limit`
 */
export async function takeSnapshot(
  cameraId: string,
  signal: AbortSignal,
  { pool, tapFrame, wallClock }: { pool: StreamPool; tapFrame: TapFrame; wallClock: WallClock },
): Promise<Snapshot> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(snapshotMaxMs)]);
  const kept = pool.latest(cameraId);
  if (kept && wallClock.epochMs() - kept.capturedAt < currentMs) return { ...kept, from: 'stream' };
  const tapped = await tapFrame(cameraId, AbortSignal.any([deadline, AbortSignal.timeout(tapMaxMs)]));
  if (tapped && wallClock.epochMs() - tapped.capturedAt < currentMs) return { ...tapped, from: 'tap' };
  const started = await firstFrame(pool, cameraId, deadline);
  if ('jpeg' in started) return { ...started, from: 'started' };
  throw noPicture(started);
}

/** The first frame of a stream, or its state if none came. */
function firstFrame(
  pool: StreamPool,
  cameraId: string,
  signal: AbortSignal,
): Promise<JpegFrame | StreamState> {
  return new Promise((resolve) => {
    const lease = pool.open({ cameraId, quality }, { onFrame: finish, onState: endIfOffline });
    let removeListener = (): void => {};
    removeListener = onAbort(signal, () => finish(lease.state()));

    function finish(result: JpegFrame | StreamState): void {
      removeListener();
      lease.release();
      resolve(result);
    }
    function endIfOffline(): void {
      const state = lease.state();
      if (state.state === 'offline') finish(state);
    }
    const latest = lease.latest();
    if (latest) finish(latest);
    else endIfOffline();
  });
}

function noPicture({ state, message }: StreamState): CamplaneError {
  const reason =
    state === 'offline'
      ? (message ?? 'The camera sends no video')
      : `None arrived within ${snapshotMaxMs / 1000} s: the camera is starting, or sends key frames more rarely. ` +
        'A key-frame interval of 1 or 2 s helps';
  return new CamplaneError('no-picture', `No picture is available. ${reason}`, { retryAfterSeconds: 5 });
}
