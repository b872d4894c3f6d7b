/** A JPEG of a camera with what is known of it. `capturedAt` is milliseconds since the epoch. */
export type Picture = { jpeg: Buffer; width: number; height: number; sequence: number; capturedAt: number };

/** The latest picture of a camera: the snapshot. One is kept, so memory is bounded by its size. */
export function createLatestPicture(): { put(picture: Picture): void; get(): Picture | null; clear(): void } {
  let latest: Picture | null = null;
  return {
    put(picture) {
      latest = picture;
    },
    get: () => latest,
    clear() {
      latest = null;
    },
  };
}
