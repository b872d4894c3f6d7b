import { createConnections, startPlayback } from './connections.ts';
import type { MediaAddresses } from './connections.ts';
import { watchFrames } from './frame-watch.ts';
import type { MediaStats } from './media-stats.ts';
import { idlePlayer, transition } from './player-machine.ts';
import type { PlayerEvent, PlayerState } from './player-machine.ts';
import type { StreamTickets } from './stream-tickets.ts';

export type Player = {
  subscribe: (listener: () => void) => () => void;
  current: () => PlayerState;
  hasAudio: () => boolean;
  stats: () => Promise<MediaStats | null>;
  /** When the frame on screen was taken; null while nothing plays. Both times are by the server's clock. */
  frameTimeMs: (serverNowMs: number) => number | null;
  /** Skips the delay before the next attempt. */
  retryNow: () => void;
  /** `leaving`: the page is being unloaded, so only requests that outlive it are sent. */
  stop: (leaving: boolean) => void;
  play: () => void;
};

const tickMs = 500;

/**
 * Runs the player machine on a video element. Writes `data-transport` and `data-frames` (frames presented so far) on
 * the element.
 */
export function createPlayer(
  video: HTMLVideoElement,
  addresses: MediaAddresses,
  tickets: StreamTickets,
): Player {
  const listeners = new Set<() => void>();
  let state = idlePlayer;
  /** While the page is unloaded, a render is never seen and would only request images again. */
  let unloading = false;
  let timer: ReturnType<typeof setInterval> | undefined;
  const frames = watchFrames(video, () => {
    if (state.phase === 'connecting') send({ type: 'tick', frames: frames.count() });
  });

  const send = (event: PlayerEvent) => {
    const before = state;
    const step = transition(state, event, { nowMs: performance.now(), random: Math.random() });
    state = step.state;
    for (const effect of step.effects) connections.apply(effect);
    video.dataset['transport'] = state.phase === 'idle' ? 'none' : state.transport;
    if (!unloading && isVisibleChange(before, state)) for (const listener of listeners) listener();
  };
  const connections = createConnections({ video, addresses, tickets, frames, send });

  // Users do not pause live video; browsers do, to save power or on a media key.
  const onPause = () => {
    if (state.phase === 'playing' && !document.hidden) startPlayback(video);
  };
  const onVisibility = () => {
    if (document.hidden) return;
    send({ type: 'shown' });
    onPause();
  };
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
    retryNow: () => send({ type: 'retry' }),
    play() {
      if (timer !== undefined) return;
      unloading = false;
      document.addEventListener('visibilitychange', onVisibility);
      video.addEventListener('pause', onPause);
      timer = setInterval(tick, tickMs);
      frames.start();
      send({ type: 'play', webrtc: typeof RTCPeerConnection === 'function' });
    },
    stop(leaving) {
      unloading = leaving;
      clearInterval(timer);
      timer = undefined;
      document.removeEventListener('visibilitychange', onVisibility);
      video.removeEventListener('pause', onPause);
      frames.stop();
      // Before the state changes: the page may be unloaded before an effect's promise runs.
      connections.closeAll(leaving);
      send({ type: 'stop' });
      video.srcObject = null;
    },
  };
}

function isVisibleChange(before: PlayerState, after: PlayerState): boolean {
  return (
    before.phase !== after.phase ||
    before.transport !== after.transport ||
    before.connected !== after.connected ||
    before.fallback !== after.fallback ||
    before.lastFailure !== after.lastFailure ||
    before.nextAttemptMs !== after.nextAttemptMs
  );
}
