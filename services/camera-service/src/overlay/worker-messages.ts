import type { Overlay } from '@camplane/contracts/camera';
import type { CompiledOpenCv } from '@camplane/opencv/compile-opencv';
import type { DetectionBox } from './detection-boxes.ts';
import type { FrameSize, PixelFormat } from './frame-layout.ts';
import type { SoundFifos } from './overlay-fifos.ts';

/** What is drawn besides detections. The name may be empty. */
export type Drawing = { overlay: Overlay; cameraName: string };

/** Worker start data. `size` has even dimensions; frames are FFmpeg's `rawvideo`. */
export type OverlayWorkerData = {
  openCv: CompiledOpenCv;
  format: PixelFormat;
  size: FrameSize;
  drawing: Drawing;
  /** FIFOs of incoming and outgoing frames. */
  decodedPath: string;
  drawnPath: string;
  sound: SoundFifos | null;
};

/** Rate and size of frames for snapshot and detection. */
export type PreviewSettings = { fps: number; width: number };

export type ToOverlayWorker =
  /** Applies from the next frame. The version of a frame shows whether it was applied. */
  | { type: 'drawing'; drawing: Drawing; version: number }
  | { type: 'boxes'; boxes: readonly DetectionBox[] }
  | { type: 'previews'; settings: PreviewSettings | null }
  /** The frame was used; its memory is returned for the next one. */
  | { type: 'previewUsed'; rgb: ArrayBuffer }
  | { type: 'stop' };

export type FromOverlayWorker =
  | { type: 'ready'; loadMs: number }
  /** The first frame was decoded; sound starts from then. Milliseconds since the epoch. */
  | { type: 'began'; atMs: number }
  /** Since the last message of this type. */
  | { type: 'counts'; delivered: number; dropped: number }
  | { type: 'preview'; preview: PreviewFrame; drawingVersion: number };

/** Packed RGB. `capturedAt` is milliseconds since the epoch, when the frame was decoded. */
export type PreviewFrame = {
  rgb: ArrayBuffer;
  width: number;
  height: number;
  sequence: number;
  capturedAt: number;
};
