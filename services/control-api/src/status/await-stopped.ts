import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { StatusBoard } from './status-board.ts';

/**
 * Waits until a camera reports that it has stopped, or is gone. Subscribe before asking for the stop: call this,
 * ask, then await.
 *
 * @returns the last status known; undefined for a camera that was removed meanwhile
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
    const unsubscribe = board.subscribe((news) => {
      const id = news.type === 'removed' ? news.cameraId : news.status.cameraId;
      if (id === cameraId && (news.type === 'removed' || news.status.phase === 'STOPPED')) end();
    });
    const timer = setTimeout(end, options.deadlineMs);
    options.signal.addEventListener('abort', end, { once: true });
    cancel = end;
    if (options.signal.aborted) end();
  });
  return { settled, cancel };
}
