import type { MediaStats } from './media-stats.ts';
import type { PlayFailure } from './play-failure.ts';

/** A stream that was opened and may be shown on a video element. */
export type Playback = {
  /** Shows the stream on the element in place of whatever it showed. */
  attach: (video: HTMLVideoElement) => void;
  hasAudio: () => boolean;
  /** When the picture that is on the screen was taken, as well as can be told; both by the server's clock. */
  pictureMs: (serverNowMs: number) => number;
  stats: (video: HTMLVideoElement) => Promise<MediaStats>;
  /** Ends the stream. `leaving`: the page goes away, so only what the browser does by itself still happens. */
  close: (leaving: boolean) => void;
};

/** Called once if the stream ends by itself after it was opened. */
export type OnEnded = (failure: PlayFailure) => void;
