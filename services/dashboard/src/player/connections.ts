import type { FrameWatch } from './frame-watch.ts';
import { openHls } from './hls-session.ts';
import { failureOf } from './play-failure.ts';
import type { PlayFailure } from './play-failure.ts';
import type { PlayerEffect, PlayerEvent, Transport } from './player-machine.ts';
import type { OnEnded, Playback } from './playback.ts';
import { withTicket } from './stream-tickets.ts';
import type { StreamTickets } from './stream-tickets.ts';
import { openWhep, receivesVideo } from './whep-session.ts';

/** A camera's stream URLs: a page for WebRTC, a playlist for HLS. */
export type MediaAddresses = { webrtc: string; hls: string };

export type Connections = {
  apply: (effect: PlayerEffect) => void;
  /** The one on the video element. */
  playback: () => Playback | null;
  /** Closes every session before it returns. `leaving`: the page is being unloaded. */
  closeAll: (leaving: boolean) => void;
};

type Deps = {
  video: HTMLVideoElement;
  addresses: MediaAddresses;
  tickets: StreamTickets;
  frames: Pick<FrameWatch, 'restart' | 'count'>;
  send: (event: PlayerEvent) => void;
};

type Attempt = { stop: AbortController; playback: Playback | null };

const upgradeTimeoutMs = 8_000;

/** Opens and closes sessions as the player machine orders, and reports their outcome as events. */
export function createConnections({ video, addresses, tickets, frames, send }: Deps): Connections {
  /** The session on screen, and a WebRTC session tried beside HLS. */
  let main: Attempt | null = null;
  let upgrade: Attempt | null = null;

  const show = (playback: Playback) => {
    frames.restart();
    playback.attach(video);
    startPlayback(video);
  };

  const openWebrtc = (onFailure: OnEnded, signal: AbortSignal) =>
    withTicket(
      tickets,
      (ticket) => openWhep(whepUrl(addresses), { ticket, onEnded: onFailure, signal }),
      signal,
    );

  const openMain = (transport: Transport) => {
    const attempt = newAttempt();
    const { signal } = attempt.stop;
    const onFailure = (failure: PlayFailure) => {
      if (attempt === main) send({ type: 'failed', failure });
    };
    const run = async () => {
      const playback =
        transport === 'webrtc'
          ? await openWebrtc(onFailure, signal)
          : await openHls(addresses.hls, { video, tickets, onEnded: onFailure, signal });
      if (signal.aborted) return playback.close(false);
      attempt.playback = playback;
      show(playback);
      send({ type: 'connected', frames: frames.count() });
    };
    run().catch((error: unknown) => {
      if (!signal.aborted) onFailure(failureOf(error));
    });
    return attempt;
  };

  const openUpgrade = () => {
    const attempt = newAttempt();
    const { signal } = attempt.stop;
    const onFailure = (failure: PlayFailure) => {
      if (attempt === upgrade) send({ type: 'upgrade-failed', failure });
      else if (attempt === main) send({ type: 'failed', failure });
    };
    const run = async () => {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(upgradeTimeoutMs)]);
      const playback = await openWebrtc(onFailure, deadline);
      if (signal.aborted) return playback.close(false);
      attempt.playback = playback;
      await receivesVideo(playback, upgradeTimeoutMs, signal);
      if (attempt === upgrade) send({ type: 'upgrade-ready' });
    };
    run().catch((error: unknown) => {
      if (!signal.aborted) onFailure(failureOf(error));
    });
    return attempt;
  };

  const adoptUpgrade = () => {
    const replaced = main;
    main = upgrade;
    upgrade = null;
    close(replaced, false);
    if (main?.playback) show(main.playback);
  };

  return {
    apply(effect) {
      switch (effect.type) {
        case 'open':
          main = openMain(effect.transport);
          return;
        case 'close':
          close(main, false);
          main = null;
          return;
        case 'open-upgrade':
          upgrade = openUpgrade();
          return;
        case 'close-upgrade':
          close(upgrade, false);
          upgrade = null;
          return;
        case 'adopt-upgrade':
          return adoptUpgrade();
      }
    },
    playback: () => main?.playback ?? null,
    closeAll(leaving) {
      close(upgrade, leaving);
      close(main, leaving);
      upgrade = main = null;
    },
  };
}

/** Browsers refuse to autoplay a video with sound; a muted one always starts. */
export function startPlayback(video: HTMLVideoElement): void {
  video.play().catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'NotAllowedError' && !video.muted) {
      video.muted = true;
      video.play().catch(() => undefined);
    }
  });
}

function newAttempt(): Attempt {
  return { stop: new AbortController(), playback: null };
}

function close(attempt: Attempt | null, leaving: boolean): void {
  attempt?.stop.abort();
  attempt?.playback?.close(leaving);
}

function whepUrl({ webrtc }: MediaAddresses): string {
  return `${webrtc.replace(/\/$/, '')}/whep`;
}
