import type { JpegQuality } from '@camplane/contracts/jpeg-stream';
import type { CamplaneError } from '@camplane/contracts/problem';
import type { JpegInfoMessage } from '../jpeg/info-message.ts';
import type { LiveLease, LiveStreams } from './live-streams.ts';

/** A camera that a client watches. A change of quality replaces its stream by another one. */
export type LiveWatch = {
  /** Reports the info and picture that a running stream already has. */
  begin(): void;
  /** The latest picture; null before the first. */
  picture(): Buffer | null;
  /**
   * Changes the quality and repeats the `info`. The current stream is shown until the new one has a picture, and
   * remains if the new one is refused.
   */
  change(quality: JpegQuality): void;
  close(): void;
};

export type LiveWatchListener = {
  onPicture(): void;
  onInfo(info: JpegInfoMessage): void;
  /** The new quality is refused. */
  onRefused(error: CamplaneError): void;
  /** The stream has ended, and with it the watch. */
  onEnd(error: CamplaneError): void;
};

export function watchCamera(
  streams: Pick<LiveStreams, 'open'>,
  { cameraId, quality }: { cameraId: string; quality: JpegQuality },
  listener: LiveWatchListener,
): LiveWatch {
  let shown = open(quality);
  let next: LiveLease | null = null;

  function open(requested: JpegQuality): LiveLease {
    const lease: LiveLease = streams.open(
      { cameraId, quality: requested },
      {
        onPicture() {
          if (lease === next) showNext();
          if (lease === shown) listener.onPicture();
        },
        onInfo() {
          if (lease === (next ?? shown)) repeatInfo();
        },
        onEnd(error) {
          if (lease === next) {
            next = null;
            listener.onRefused(error);
            return repeatInfo();
          }
          // A new quality that is connecting takes over.
          if (next) return showNext();
          listener.onEnd(error);
        },
      },
    );
    return lease;
  }

  function showNext(): void {
    if (!next) return;
    shown.release();
    shown = next;
    next = null;
  }

  function repeatInfo(): void {
    const info = (next ?? shown).info();
    if (info) listener.onInfo(info);
  }

  function change(requested: JpegQuality): void {
    if (requested !== (next ?? shown).quality) {
      next?.release();
      next = null;
      if (requested !== shown.quality) next = open(requested);
      if (next?.picture()) {
        showNext();
        listener.onPicture();
      }
    }
    repeatInfo();
  }

  return {
    begin() {
      repeatInfo();
      if (shown.picture()) listener.onPicture();
    },
    picture: () => shown.picture(),
    change,
    close() {
      next?.release();
      shown.release();
    },
  };
}
