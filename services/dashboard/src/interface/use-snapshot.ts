import type { CameraStatus } from '@camplane/contracts/camera-status';
import { useEffect, useState } from 'react';
import { snapshotUrl } from '../api/cameras.ts';
import { apiFetch } from '../api/client.ts';
import { useCameras } from '../app-context.tsx';

/** The server awaits a late frame further. Browsers have few connections: they must not all wait. */
const timeoutMs = 8_000;
const retryFirstMs = 1_000;
const retryMaxMs = 30_000;

/**
 * A camera's latest snapshot as an object URL, or null. Fetched every `refreshMs`; null keeps the last one. Not fetched
 * before the first frame or while the page stops or deletes the camera, because the browser logs each 404 to its console.
 */
export function useSnapshot(
  cameraId: string,
  status: CameraStatus | undefined,
  refreshMs: number | null,
): string | null {
  const { leaving } = useCameras();
  const hasSnapshot = status !== undefined && status.lastFrameTime !== null && !leaving.has(cameraId);
  const refreshEveryMs = hasSnapshot ? refreshMs : null;
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
    if (refreshEveryMs === null) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let misses = 0;
    const run = async () => {
      const found = await fetchSnapshot(cameraId, stop.signal);
      if (stop.signal.aborted) return;
      if (found) setUrl(URL.createObjectURL(found));
      // A stopped camera gets no new snapshot.
      if (!found && !isRunning) return;
      misses = found ? 0 : Math.min(misses + 1, 10);
      const retryMs = Math.min(retryMaxMs, retryFirstMs * 2 ** misses);
      timer = setTimeout(() => void run(), found ? refreshEveryMs : retryMs);
    };
    void run();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [cameraId, refreshEveryMs, isRunning]);

  return url;
}

/** Null on any failure: a missing snapshot is normal. */
async function fetchSnapshot(cameraId: string, signal: AbortSignal): Promise<Blob | null> {
  try {
    const response = await apiFetch(snapshotUrl(cameraId), {
      cache: 'no-store',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    return response.ok ? await response.blob() : null;
  } catch {
    return null;
  }
}
