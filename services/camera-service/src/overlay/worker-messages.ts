import type { Overlay } from '@camplane/contracts/camera';
import type { DetectionBox } from './detection-boxes.ts';
import type { PictureSize, PixelFormat } from './frame-layout.ts';
import type { SoundFifos } from './overlay-fifos.ts';

/** What is drawn, beside detections. The name may be empty. */
export type Drawing = { overlay: Overlay; cameraName: string };

/** What the worker is started with. `size` has even sides; frames come and go as FFmpeg's `rawvideo`. */
export type OverlayWorkerData = {
  format: PixelFormat;
  size: PictureSize;
  drawing: Drawing;
  /** FIFOs: frames come from one and go to the other. */
  decodedPath: string;
  drawnPath: string;
  sound: SoundFifos | null;
};

/** How often, and how large, pictures are taken for snapshot and detection. */
export type PictureTaps = { fps: number; width: number };

export type ToOverlayWorker =
  /** From the next frame on. Pictures say by the version whether they were taken with it. */
  | { type: 'drawing'; drawing: Drawing; version: number }
  | { type: 'boxes'; boxes: readonly DetectionBox[] }
  | { type: 'taps'; taps: PictureTaps | null }
  /** The picture was used; its memory comes back for the next. */
  | { type: 'pictureUsed'; rgb: ArrayBuffer }
  | { type: 'stop' };

export type FromOverlayWorker =
  | { type: 'ready'; loadMs: number }
  /** The first frame came out of the decoder; sound counts from then. Milliseconds since the epoch. */
  | { type: 'began'; atMs: number }
  /** Since the last message of this type. */
  | { type: 'counts'; delivered: number; dropped: number }
  | { type: 'picture'; picture: RawPicture; drawingVersion: number };

/** Packed RGB. `capturedAt` is milliseconds since the epoch, when the frame came out of the decoder. */
export type RawPicture = {
  rgb: ArrayBuffer;
  width: number;
  height: number;
  sequence: number;
  capturedAt: number;
};
