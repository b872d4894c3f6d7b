import type { Found } from '@camplane/contracts/detection';

/** Rows from the top, without padding: one byte per pixel (grey) or three (RGB). */
export type Pixels = { data: Uint8Array; width: number; height: number };

/** A frame or a single image, decoded. Each form is produced once, on first use. */
export type Image = {
  /** Original size, in pixels. */
  width: number;
  height: number;
  /** Capture time: milliseconds since 1970. */
  capturedAt: number;
  /** Grey, scaled to a width of about 320. */
  small(): Promise<Pixels>;
  /** Grey, in original size. */
  grey(): Promise<Pixels>;
  /** RGB, in original size. */
  rgb(): Promise<Pixels>;
};

export type DetectorOptions = {
  minConfidence: number;
  /** An expensive detector may skip frames to share the worker's time. */
  maySkip?: boolean;
};

/**
 * Finds objects in the frames of one camera, in order; it may keep state between them. Runs in a worker thread.
 */
export type Detector = {
  /** Boxes inside the image, none below `minConfidence`. Null: it skipped the frame. */
  detect(image: Image, options: DetectorOptions): Promise<readonly Found[] | null>;
  /** Releases all memory. The detector must not be used afterwards. */
  dispose(): void;
};
