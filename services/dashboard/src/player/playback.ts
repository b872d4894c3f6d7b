import type { MediaStats } from './media-stats.ts';
import type { PlayFailure } from './play-failure.ts';

/** An open stream that can be attached to a video element. */
export type Playback = {
  /** Replaces what the element shows. */
  attach: (video: HTMLVideoElement) => void;
  hasAudio: () => boolean;
  /** Estimates when the frame on screen was taken. Both times are by the server's clock. */
  frameTimeMs: (serverNowMs: number) => number;
  stats: (video: HTMLVideoElement) => Promise<MediaStats>;
  /** `leaving`: the page is being unloaded, so only requests that outlive it are sent. */
  close: (leaving: boolean) => void;
};

/** Called once if an open stream ends without `close`. */
export type OnEnded = (failure: PlayFailure) => void;
