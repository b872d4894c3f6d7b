import { attach, createAwaited, openPictures, openVideo } from './open-session.ts';
import type { Awaited, Media } from './open-session.ts';
import { failureOf } from './play-failure.ts';
import type { PlayFailure } from './play-failure.ts';
import type { PlayerEffect, PlayerEvent, Transport } from './player-machine.ts';
import type { OnEnded, Playback } from './playback.ts';
import { receivesVideo } from './whep-session.ts';

export type Connections = {
  apply: (effect: PlayerEffect) => void;
  /** The one on screen. */
  playback: () => Playback | null;
  /** Call for each frame of the video element and for each picture. */
  onVideoFrame: () => void;
  onPicture: () => void;
  /** Closes every session before it returns. `leaving`: the page is being unloaded. */
  closeAll: (leaving: boolean) => void;
};

type Attempt = { transport: Transport; stop: AbortController; playback: Playback | null };

const besideTimeoutMs = { webrtc: 8_000, hls: 14_000, jpeg: 10_000 } as const;

/** Opens and closes sessions as the player machine orders, and reports their outcome as events. */
export function createConnections(media: Media, send: (event: PlayerEvent) => void): Connections {
  const { video, pictures, frames } = media;
  /** The session on screen, and one opened beside it. */
  let main: Attempt | null = null;
  let beside: Attempt | null = null;
  const videoFrame = createAwaited();
  const picture = createAwaited();

  const startPictures = (attempt: Attempt, onOpen: () => void, onEnded: OnEnded) => {
    const onHeld = (held: boolean) => {
      if (attempt === main) send({ type: 'held', held });
    };
    attempt.playback = openPictures(media, { onOpen, onHeld, onEnded });
  };

  const openMain = (transport: Transport) => {
    const attempt = newAttempt(transport);
    const { signal } = attempt.stop;
    main = attempt;
    frames.countVideo(transport !== 'jpeg');
    const onEnded = (failure: PlayFailure) => {
      if (attempt === main) send({ type: 'failed', failure });
    };
    const onOpen = () => send({ type: 'connected', frames: frames.count() });
    if (transport === 'jpeg') return startPictures(attempt, onOpen, onEnded);
    const run = async () => {
      const playback = await openVideo(transport, media, { onEnded, signal });
      if (signal.aborted) return playback.close(false);
      attempt.playback = playback;
      attach(playback, media);
      onOpen();
    };
    run().catch((error: unknown) => {
      if (!signal.aborted) onEnded(failureOf(error));
    });
  };

  const firstPicture = (attempt: Attempt, onEnded: OnEnded) => {
    const first = picture.next(deadlineOf(attempt));
    startPictures(attempt, () => undefined, onEnded);
    return first;
  };

  const openBeside = (transport: Transport) => {
    const attempt = newAttempt(transport);
    const { signal } = attempt.stop;
    beside = attempt;
    const onEnded = (failure: PlayFailure) => {
      if (attempt === beside) send({ type: 'beside-failed', failure });
      else if (attempt === main) send({ type: 'failed', failure });
    };
    const prepared =
      transport === 'jpeg'
        ? firstPicture(attempt, onEnded)
        : prepareVideo(attempt, { media, onEnded, videoFrame, occupied: main?.transport === 'hls' });
    prepared.then(
      () => {
        if (attempt === beside) send({ type: 'beside-ready' });
      },
      (error: unknown) => {
        if (!signal.aborted) onEnded(failureOf(error));
      },
    );
  };

  const adoptBeside = () => {
    const replaced = main;
    main = beside;
    beside = null;
    frames.countVideo(main?.transport !== 'jpeg');
    // The video element has one stream at a time: its last frame stays visible until the first frame of the new one.
    const isSwapped = replaced?.transport === 'hls' && main?.transport === 'webrtc';
    if (isSwapped) pictures.cover(video);
    if (main?.transport === 'jpeg') pictures.show();
    close(replaced, false);
    if (isSwapped && main?.playback) attach(main.playback, media);
  };

  const closeMain = () => {
    close(main, false);
    main = null;
    pictures.hide();
  };

  const closeBeside = () => {
    close(beside, false);
    beside = null;
  };

  return {
    apply(effect) {
      if (effect.type === 'open') openMain(effect.transport);
      if (effect.type === 'close') closeMain();
      if (effect.type === 'open-beside') openBeside(effect.transport);
      if (effect.type === 'close-beside') closeBeside();
      if (effect.type === 'adopt-beside') adoptBeside();
    },
    playback: () => main?.playback ?? null,
    onVideoFrame() {
      videoFrame.call();
      // Pictures, or the cover, give way to the first frame of the video.
      if (main && main.transport !== 'jpeg' && pictures.isShown()) pictures.hide();
    },
    onPicture() {
      picture.call();
      if (main?.transport !== 'jpeg') return;
      pictures.show();
      frames.addPicture();
    },
    closeAll(leaving) {
      close(beside, leaving);
      close(main, leaving);
      beside = main = null;
      pictures.hide();
    },
  };
}

type BesideOptions = {
  media: Media;
  onEnded: OnEnded;
  videoFrame: Awaited;
  /** HLS plays on the video element. */
  occupied: boolean;
};

/** Resolves once a session beside the one on screen has video to show. */
async function prepareVideo(attempt: Attempt, options: BesideOptions): Promise<void> {
  const { media, onEnded, videoFrame, occupied } = options;
  const { transport } = attempt;
  const { signal } = attempt.stop;
  if (transport === 'jpeg') throw new Error('pictures are not video');
  const deadline = deadlineOf(attempt);
  const playback = await openVideo(transport, media, { onEnded, signal: deadline });
  if (signal.aborted) return playback.close(false);
  attempt.playback = playback;
  if (occupied) return receivesVideo(playback, besideTimeoutMs[transport], signal);
  // Pictures cover the video element.
  const first = videoFrame.next(deadline);
  attach(playback, media);
  return first;
}

function deadlineOf({ transport, stop }: Attempt): AbortSignal {
  return AbortSignal.any([stop.signal, AbortSignal.timeout(besideTimeoutMs[transport])]);
}

function newAttempt(transport: Transport): Attempt {
  return { transport, stop: new AbortController(), playback: null };
}

function close(attempt: Attempt | null, leaving: boolean): void {
  attempt?.stop.abort();
  attempt?.playback?.close(leaving);
}
