import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { StatusBoard } from './status-board.ts';

/**
 * Waits until a camera reports STOPPED or is removed. Call it before requesting the stop, then await `settled`.
 *
 * @returns the last status; undefined if the camera was removed
 */
export function awaitStopped(
  board: StatusBoard,
  cameraId: string,
  options: { deadlineMs: number; signal: AbortSignal },
): { settled: Promise<CameraStatus | undefined>; cancel: () => void } {
  let cancel = (): void => {};
  const settled = new Promise<CameraStatus | undefined>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      unsubscribe();
      options.signal.removeEventListener('abort', end);
      resolve(board.get(cameraId));
    };
    const unsubscribe = board.subscribe((event) => {
      const id = event.type === 'removed' ? event.cameraId : event.status.cameraId;
      if (id === cameraId && (event.type === 'removed' || event.status.phase === 'STOPPED')) end();
    });
    const timer = setTimeout(end, options.deadlineMs);
    options.signal.addEventListener('abort', end, { once: true });
    cancel = end;
    if (options.signal.aborted) end();
  });
  return { settled, cancel };
}
