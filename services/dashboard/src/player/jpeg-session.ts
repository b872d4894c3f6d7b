import type { MediaStats } from './media-stats.ts';
import type { PictureCanvas } from './picture-canvas.ts';
import type { PictureHandlers, PictureSource } from './picture-source.ts';
import type { OnEnded, Playback } from './playback.ts';

/** Typical time from the media server to the canvas. Pictures have no timestamp. */
const jpegDelayMs = 250;

type Options = {
  pictures: PictureCanvas;
  onOpen: () => void;
  onHeld: PictureHandlers['onHeld'];
  onEnded: OnEnded;
};

/** Draws the pictures of a camera on the canvas until it is closed. */
export function openJpeg(source: PictureSource, { pictures, onOpen, onHeld, onEnded }: Options): Playback {
  let bytes = 0;
  let before = { bytes: 0, atMs: performance.now() };
  pictures.clear();
  const stop = source({
    onOpen,
    onHeld,
    onPicture(jpeg) {
      bytes += jpeg.size;
      pictures.draw(jpeg);
    },
    onEnded,
  });
  return {
    attach: () => undefined,
    hasAudio: () => false,
    frameTimeMs: (serverNowMs) => serverNowMs - jpegDelayMs,
    async stats() {
      const now = { bytes, atMs: performance.now() };
      const bitrateKbps = ((now.bytes - before.bytes) * 8) / Math.max(1, now.atMs - before.atMs);
      before = now;
      return { ...noStats, bitrateKbps, ...pictures.size() };
    },
    close() {
      stop();
      pictures.clear();
    },
  };
}

const noStats: MediaStats = {
  transport: 'jpeg',
  latencyMs: null,
  codec: 'JPEG',
  width: null,
  height: null,
  bitrateKbps: null,
  jitterBufferMs: null,
  roundTripMs: null,
  packetsLost: null,
  route: 'TCP',
};
