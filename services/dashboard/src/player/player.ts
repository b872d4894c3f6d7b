import { createConnections } from './connections.ts';
import { watchFrames } from './frame-watch.ts';
import type { MediaStats } from './media-stats.ts';
import { startPlayback } from './open-session.ts';
import type { MediaAddresses } from './open-session.ts';
import { createPictureCanvas } from './picture-canvas.ts';
import type { PictureSource } from './picture-source.ts';
import { idlePlayer, transition, transports } from './player-machine.ts';
import type { PlayerEvent, PlayerState, Transport } from './player-machine.ts';
import type { StreamTickets } from './stream-tickets.ts';

export type Player = {
  subscribe: (listener: () => void) => () => void;
  current: () => PlayerState;
  hasAudio: () => boolean;
  stats: () => Promise<MediaStats | null>;
  /** When the frame on screen was taken; null while nothing plays. Both times are by the server's clock. */
  frameTimeMs: (serverNowMs: number) => number | null;
  /** Of the video, or of the pictures. Zero before the first frame. */
  frameSize: () => { width: number; height: number };
  /** Skips the delay before the next attempt. */
  retryNow: () => void;
  /** Whether only pictures may be shown. */
  limit: (limited: boolean) => void;
  /** `leaving`: the page is being unloaded, so only requests that outlive it are sent. */
  stop: (leaving: boolean) => void;
  play: () => void;
};

export type PlayerOptions = {
  video: HTMLVideoElement;
  /** Above the video element, for pictures. */
  canvas: HTMLCanvasElement;
  addresses: MediaAddresses;
  pictureSource: PictureSource;
  tickets: StreamTickets;
  limited: boolean;
};

const tickMs = 500;

/**
 * Runs the player machine on a video element with a canvas above it. Writes `data-transport` and `data-frames` (frames
 * and pictures presented so far) on the video element.
 */
export function createPlayer(options: PlayerOptions): Player {
  const { video, canvas, addresses, pictureSource, tickets } = options;
  const listeners = new Set<() => void>();
  let { limited } = options;
  let state = idlePlayer;
  /** While the page is unloaded, a render is never seen and would only request images again. */
  let unloading = false;
  let timer: ReturnType<typeof setInterval> | undefined;
  const onFrame = () => {
    if (state.phase === 'connecting') send({ type: 'tick', frames: frames.count() });
  };
  const frames = watchFrames(video, { onFrame, onVideoFrame: () => connections.onVideoFrame() });
  const pictures = createPictureCanvas(canvas, () => connections.onPicture());

  const send = (event: PlayerEvent) => {
    const before = state;
    const step = transition(state, event, { nowMs: performance.now(), random: Math.random() });
    state = step.state;
    for (const effect of step.effects) connections.apply(effect);
    video.dataset['transport'] = state.phase === 'idle' ? 'none' : state.transport;
    if (!unloading && isVisibleChange(before, state)) for (const listener of listeners) listener();
  };
  const connections = createConnections({ video, pictures, addresses, pictureSource, tickets, frames }, send);

  // Users do not pause live video; browsers do, to save power or on a media key.
  const onPause = () => {
    if (state.phase === 'playing' && state.transport !== 'jpeg' && !document.hidden) startPlayback(video);
  };
  const onVisibility = () => {
    if (document.hidden) return;
    send({ type: 'shown' });
    onPause();
  };
  const onNetwork = () => send({ type: 'network' });
  const tick = () => {
    // A hidden page presents no frames, so their absence is not a stall.
    if (!document.hidden) send({ type: 'tick', frames: frames.count() });
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    current: () => state,
    hasAudio: () => connections.playback()?.hasAudio() ?? false,
    stats: async () => (await connections.playback()?.stats(video)) ?? null,
    frameTimeMs: (serverNowMs) =>
      (state.phase === 'playing' ? connections.playback()?.frameTimeMs(serverNowMs) : null) ?? null,
    frameSize: () =>
      (state.transport === 'jpeg' ? pictures.size() : null) ?? {
        width: video.videoWidth,
        height: video.videoHeight,
      },
    retryNow: () => send({ type: 'retry' }),
    limit(next) {
      limited = next;
      send({ type: 'limit', limited });
    },
    play() {
      if (timer !== undefined) return;
      unloading = false;
      document.addEventListener('visibilitychange', onVisibility);
      video.addEventListener('pause', onPause);
      window.addEventListener('online', onNetwork);
      timer = setInterval(tick, tickMs);
      frames.start();
      send({ type: 'play', supported: supportedTransports(), limited });
    },
    stop(leaving) {
      unloading = leaving;
      clearInterval(timer);
      timer = undefined;
      document.removeEventListener('visibilitychange', onVisibility);
      video.removeEventListener('pause', onPause);
      window.removeEventListener('online', onNetwork);
      frames.stop();
      // Before the state changes: the page may be unloaded before an effect's promise runs.
      connections.closeAll(leaving);
      send({ type: 'stop' });
      video.srcObject = null;
    },
  };
}

/** Support for HLS is known only once it is opened. */
function supportedTransports(): Transport[] {
  return transports.filter((one) => one !== 'webrtc' || typeof RTCPeerConnection === 'function');
}

function isVisibleChange(before: PlayerState, after: PlayerState): boolean {
  return (
    before.phase !== after.phase ||
    before.transport !== after.transport ||
    before.connected !== after.connected ||
    before.held !== after.held ||
    before.limited !== after.limited ||
    before.obstacles !== after.obstacles ||
    before.lastFailure !== after.lastFailure ||
    before.nextAttemptMs !== after.nextAttemptMs
  );
}
