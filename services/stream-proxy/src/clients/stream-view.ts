import type { JpegQuality } from '@camplane/contracts/jpeg-stream';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import type { StreamListener } from '../streams/camera-stream.ts';
import type { StreamLease, StreamPool } from '../streams/stream-pool.ts';
import type { StreamState } from '../streams/stream-state.ts';

/** What one client sees of a camera: a stream, and after a change of quality another one. */
export type StreamView = {
  quality(): JpegQuality;
  latest(): JpegFrame | null;
  state(): StreamState;
  /**
   * Changes the quality. The previous stream is shown until the new one has its first frame.
   *
   * @throws CamplaneError `stream-limit`; the quality is then unchanged
   */
  change(quality: JpegQuality): void;
  close(): void;
};

/** @throws CamplaneError `stream-limit` */
export function openStreamView(
  pool: Pick<StreamPool, 'open' | 'isAlone'>,
  { cameraId, quality }: { cameraId: string; quality: JpegQuality },
  listener: StreamListener,
): StreamView {
  let shown = open(quality);
  let next: StreamLease | null = null;

  function open(requested: JpegQuality): StreamLease {
    const lease: StreamLease = pool.open(
      { cameraId, quality: requested },
      {
        onFrame(frame) {
          if (lease === next) showNext();
          if (lease === shown) listener.onFrame(frame);
        },
        onState() {
          if (lease === (next ?? shown)) listener.onState();
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

  return {
    quality: () => (next ?? shown).quality,
    latest: () => shown.latest(),
    state: () => (next ?? shown).state(),
    change(requested) {
      if (requested === (next ?? shown).quality) return;
      next?.release();
      next = null;
      if (requested === shown.quality) return;
      try {
        next = open(requested);
      } catch (error) {
        // The stream of the old quality makes room if it has no other client.
        if (!pool.isAlone(shown)) throw error;
        shown.release();
        shown = open(requested);
        return;
      }
      if (next.latest()) showNext();
    },
    close() {
      next?.release();
      shown.release();
    },
  };
}
