/** The latest frames of a stream, oldest first. */
export type FrameRing<F> = {
  put(frame: F): void;
  latest(): F | null;
  size(): number;
  clear(): void;
};

/** @param framesMax `STREAM_FRAME_BUFFER_SIZE` */
export function createFrameRing<F>(framesMax: number): FrameRing<F> {
  let frames: F[] = [];
  return {
    put(frame) {
      frames = [...frames, frame].slice(-framesMax);
    },
    latest: () => frames.at(-1) ?? null,
    size: () => frames.length,
    clear() {
      frames = [];
    },
  };
}
