import { failureOf } from './play-failure.ts';
import type { PlayFailure } from './play-failure.ts';
import type { MediaStats } from './media-stats.ts';
import { openHls } from './hls-session.ts';
import { idlePlayer, transition } from './player-machine.ts';
import type { PlayerEffect, PlayerEvent, PlayerState, Transport } from './player-machine.ts';
import type { Playback } from './playback.ts';
import { watchFrames } from './frame-watch.ts';
import { openWhep, receivesVideo } from './whep-session.ts';

/** Where a camera's stream is: a page address for WebRTC, a playlist for HLS. */
export type MediaAddresses = { webrtc: string; hls: string };

export type Player = {
  subscribe: (listener: () => void) => () => void;
  current: () => PlayerState;
  hasAudio: () => boolean;
  stats: () => Promise<MediaStats | null>;
  /** When the picture on the screen was taken; null while none plays. Both by the server's clock. */
  pictureMs: (serverNowMs: number) => number | null;
  /** Ends a pause between attempts. */
  retryNow: () => void;
  /** `leaving`: the page goes away; the session is ended with what the browser still sends by itself. */
  stop: (leaving: boolean) => void;
  play: () => void;
};

const tickMs = 500;
const upgradeTimeoutMs = 8_000;

type Attempt = { stop: AbortController; playback: Playback | null };

/**
 * Runs the player's machine on a video element: opens and closes what it says, and tells it of pictures and
 * failures. Writes `data-transport` and `data-frames` (pictures presented so far) on the element.
 */
export function createPlayer(video: HTMLVideoElement, addresses: MediaAddresses): Player {
  const listeners = new Set<() => void>();
  let state = idlePlayer;
  let main: Attempt | null = null;
  let upgrade: Attempt | null = null;
  /** The page is going away: what is drawn now is not seen, and would only load pictures again. */
  let left = false;
  let timer: ReturnType<typeof setInterval> | undefined;
  const frames = watchFrames(video, () => {
    if (state.phase === 'connecting') send({ type: 'tick', frames: frames.count() });
  });

  const send = (event: PlayerEvent) => {
    const before = state;
    const step = transition(state, event, { nowMs: performance.now(), random: Math.random() });
    state = step.state;
    for (const effect of step.effects) apply(effect);
    video.dataset['transport'] = state.phase === 'idle' ? 'none' : state.transport;
    if (!left && isSeenChange(before, state)) for (const listener of listeners) listener();
  };

  const apply = (effect: PlayerEffect) => {
    switch (effect.type) {
      case 'open':
        main = begin(effect.transport);
        return;
      case 'close':
        end(main, false);
        main = null;
        return;
      case 'open-upgrade':
        upgrade = beginUpgrade();
        return;
      case 'close-upgrade':
        end(upgrade, false);
        upgrade = null;
        return;
      case 'adopt-upgrade': {
        const before = main;
        main = upgrade;
        upgrade = null;
        end(before, false);
        if (main?.playback) show(main.playback);
        return;
      }
    }
  };

  const begin = (transport: Transport): Attempt => {
    const attempt: Attempt = { stop: new AbortController(), playback: null };
    const { signal } = attempt.stop;
    const failed = (failure: PlayFailure) => {
      if (attempt === main) send({ type: 'failed', failure });
    };
    const opening =
      transport === 'webrtc'
        ? openWhep(whepUrl(addresses), failed, signal)
        : openHls(addresses.hls, video, failed, signal);
    void opening.then(
      (playback) => {
        if (signal.aborted) return playback.close(false);
        attempt.playback = playback;
        show(playback);
        send({ type: 'connected', frames: frames.count() });
      },
      (error: unknown) => {
        if (!signal.aborted) failed(failureOf(error));
      },
    );
    return attempt;
  };

  const beginUpgrade = (): Attempt => {
    const attempt: Attempt = { stop: new AbortController(), playback: null };
    const { signal } = attempt.stop;
    const failed = (failure: PlayFailure) => {
      if (attempt === upgrade) send({ type: 'upgrade-failed', failure });
      else if (attempt === main) send({ type: 'failed', failure });
    };
    const run = async () => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(upgradeTimeoutMs)]);
      const playback = await openWhep(whepUrl(addresses), failed, limit);
      if (signal.aborted) return playback.close(false);
      attempt.playback = playback;
      await receivesVideo(playback, upgradeTimeoutMs, signal);
      if (attempt === upgrade) send({ type: 'upgrade-ready' });
    };
    run().catch((error: unknown) => {
      if (!signal.aborted) failed(failureOf(error));
    });
    return attempt;
  };

  const show = (playback: Playback) => {
    frames.restart();
    playback.attach(video);
    startPlayback(video);
  };

  // Nobody pauses a live picture on purpose: a browser does, to save power or at a media key.
  const onPause = () => {
    if (state.phase === 'playing' && !document.hidden) startPlayback(video);
  };
  const onVisibility = () => {
    if (document.hidden) return;
    send({ type: 'shown' });
    onPause();
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    current: () => state,
    hasAudio: () => main?.playback?.hasAudio() ?? false,
    stats: async () => (await main?.playback?.stats(video)) ?? null,
    pictureMs: (serverNowMs) =>
      (state.phase === 'playing' ? main?.playback?.pictureMs(serverNowMs) : null) ?? null,
    retryNow: () => send({ type: 'retry' }),
    play() {
      if (timer !== undefined) return;
      left = false;
      document.addEventListener('visibilitychange', onVisibility);
      video.addEventListener('pause', onPause);
      timer = setInterval(() => {
        // A hidden page presents no pictures: their absence says nothing then.
        if (!document.hidden) send({ type: 'tick', frames: frames.count() });
      }, tickMs);
      frames.start();
      send({ type: 'play', webrtc: typeof RTCPeerConnection === 'function' });
    },
    stop(leaving) {
      left = leaving;
      clearInterval(timer);
      timer = undefined;
      document.removeEventListener('visibilitychange', onVisibility);
      video.removeEventListener('pause', onPause);
      frames.stop();
      // The page may be gone before an effect's promise runs, so the sessions are closed here and now.
      end(upgrade, leaving);
      end(main, leaving);
      upgrade = main = null;
      send({ type: 'stop' });
      video.srcObject = null;
    },
  };
}

function end(attempt: Attempt | null, leaving: boolean): void {
  attempt?.stop.abort();
  attempt?.playback?.close(leaving);
}

function whepUrl({ webrtc }: MediaAddresses): string {
  return `${webrtc.replace(/\/$/, '')}/whep`;
}

/** Browsers refuse to start a video with sound that nobody asked for by hand; without sound it always starts. */
function startPlayback(video: HTMLVideoElement): void {
  video.play().catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'NotAllowedError' && !video.muted) {
      video.muted = true;
      video.play().catch(() => undefined);
    }
  });
}

function isSeenChange(before: PlayerState, after: PlayerState): boolean {
  return (
    before.phase !== after.phase ||
    before.transport !== after.transport ||
    before.connected !== after.connected ||
    before.fallback !== after.fallback ||
    before.lastFailure !== after.lastFailure ||
    before.nextAttemptMs !== after.nextAttemptMs
  );
}
