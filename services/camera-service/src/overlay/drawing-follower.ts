import type { Drawing, ToOverlayWorker } from './worker-messages.ts';

/** Tells the drawing thread when something else is to be drawn, and which pictures were made before it knew. */
export type DrawingFollower = {
  look(): void;
  /** Whether a picture with this version hides all that is to be hidden now. */
  isCurrent(version: number): boolean;
};

/** `told` is what the thread was started with, as version 0. */
export function followDrawing(
  told: Drawing,
  wanted: () => Drawing,
  post: (message: ToOverlayWorker) => void,
): DrawingFollower {
  let version = 0;
  let known = told;
  const isKnown = ({ overlay, cameraName }: Drawing) =>
    overlay === known.overlay && cameraName === known.cameraName;
  return {
    look() {
      const drawing = wanted();
      if (isKnown(drawing)) return;
      known = drawing;
      version += 1;
      post({ type: 'drawing', drawing, version });
    },
    isCurrent: (seen) => seen === version && isKnown(wanted()),
  };
}
