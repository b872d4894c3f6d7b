import type { Found } from '@camplane/contracts/detection';

/** Rows from the top, without gaps: one byte a pixel (grey) or three (RGB). */
export type Pixels = { data: Uint8Array; width: number; height: number };

/** One frame as detectors see it. Each form is made when it is first asked for, and once. */
export type Picture = {
  /** Of the picture as it came, in pixels. */
  width: number;
  height: number;
  /** When it was taken: milliseconds since 1970. */
  capturedAt: number;
  /** Grey, scaled to a width of about 320. */
  small(): Promise<Pixels>;
  /** Grey, as large as it came. */
  grey(): Promise<Pixels>;
  /** RGB, as large as it came. */
  rgb(): Promise<Pixels>;
};

export type LookSettings = {
  minConfidence: number;
  /** A costly detector may leave out pictures, so that others have their part of the worker's time. */
  mayRest?: boolean;
};

/**
 * Finds things in the pictures of one camera, shown to it one after another; it may remember those before. Runs in
 * a worker thread.
 */
export type Detector = {
  /** Boxes inside the picture, none below `minConfidence`. Null: it did not look at this one. */
  detect(picture: Picture, settings: LookSettings): Promise<readonly Found[] | null>;
  /** Gives back all memory. The detector is not used afterwards. */
  dispose(): void;
};
