import type { RunFailure } from '@camplane/supervisor/run-failure';

/** Pictures of a camera, from one long response or from many short ones. */
export type PictureFeed = {
  /** Call once. Nothing is reported after the signal is aborted. */
  start(listener: PictureListener, signal: AbortSignal): void;
  close(): void;
};

export type PictureListener = {
  /** Bytes arrived. */
  activity(bytes: number): void;
  picture(jpeg: Buffer): void;
  /** The camera's side has ended; called once. */
  end(failure: RunFailure): void;
};
