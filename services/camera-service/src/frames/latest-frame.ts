import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';

/** Keeps the latest frame of a camera, and no other. */
export type LatestFrame = { put(frame: JpegFrame): void; get(): JpegFrame | null; clear(): void };

export function createLatestFrame(): LatestFrame {
  let latest: JpegFrame | null = null;
  return {
    put(frame) {
      latest = frame;
    },
    get: () => latest,
    clear() {
      latest = null;
    },
  };
}
