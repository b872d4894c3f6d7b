import type { CameraStatus } from '@camplane/contracts/camera-status';
import { useEffect, useState } from 'react';
import { snapshotUrl } from '../api/cameras.ts';
import { useCameras } from '../app-context.tsx';

const timeoutMs = 8_000;
/** While there is no picture, asked for soon at first, then less and less often. */
const retryFirstMs = 1_000;
const retryMaxMs = 30_000;

/**
 * A camera's latest picture as an object URL; null while there is none. It is fetched again every `refreshMs`,
 * or not at all while `refreshMs` is null: then the last one stays. Nor is it asked for where there is none, as
 * the browser would write each refusal to its console: before the camera has sent a frame, and from the moment in
 * which this page asks for the camera's end.
 */
export function useSnapshot(
  cameraId: string,
  status: CameraStatus | undefined,
  refreshMs: number | null,
): string | null {
  const { leaving } = useCameras();
  const hasPicture = status !== undefined && status.lastFrameTime !== null && !leaving.has(cameraId);
  const askEveryMs = hasPicture ? refreshMs : null;
  const isRunning = status?.isRunning ?? false;
  const [url, setUrl] = useState<string | null>(null);

  useEffect(() => () => setUrl(null), [cameraId]);
  useEffect(
    () => () => {
      if (url !== null) URL.revokeObjectURL(url);
    },
    [url],
  );

  useEffect(() => {
    if (askEveryMs === null) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let misses = 0;
    const run = async () => {
      const found = await fetchPicture(cameraId, stop.signal);
      if (stop.signal.aborted) return;
      if (found) setUrl(URL.createObjectURL(found));
      // One that does not run has what it has.
      if (!found && !isRunning) return;
      misses = found ? 0 : Math.min(misses + 1, 10);
      const retryMs = Math.min(retryMaxMs, retryFirstMs * 2 ** misses);
      timer = setTimeout(() => void run(), found ? askEveryMs : retryMs);
    };
    void run();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [cameraId, askEveryMs, isRunning]);

  return url;
}

/** No picture is an ordinary answer for a camera that has not sent one; there is nothing to tell anyone. */
async function fetchPicture(cameraId: string, signal: AbortSignal): Promise<Blob | null> {
  try {
    const response = await fetch(snapshotUrl(cameraId), {
      cache: 'no-store',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    return response.ok ? await response.blob() : null;
  } catch {
    return null;
  }
}
