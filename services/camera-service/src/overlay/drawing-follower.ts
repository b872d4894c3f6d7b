import type { Drawing, ToOverlayWorker } from './worker-messages.ts';

/** Notifies the drawing thread of changes, and knows which frames were drawn before it applied them. */
export type DrawingFollower = {
  check(): void;
  /** Whether a frame with this version applies all current masks. */
  isCurrent(version: number): boolean;
};

/** @param sent what the thread was started with, as version 0 */
export function followDrawing(
  sent: Drawing,
  current: () => Drawing,
  post: (message: ToOverlayWorker) => void,
): DrawingFollower {
  let version = 0;
  let known = sent;
  const isKnown = ({ overlay, cameraName }: Drawing) =>
    overlay === known.overlay && cameraName === known.cameraName;
  return {
    check() {
      const drawing = current();
      if (isKnown(drawing)) return;
      known = drawing;
      version += 1;
      post({ type: 'drawing', drawing, version });
    },
    isCurrent: (seen) => seen === version && isKnown(current()),
  };
}
