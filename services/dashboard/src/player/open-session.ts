import { onAbort } from '@camplane/runtime/abort';
import type { FrameWatch } from './frame-watch.ts';
import { openHls } from './hls-session.ts';
import { openJpeg } from './jpeg-session.ts';
import type { PictureCanvas } from './picture-canvas.ts';
import type { PictureHandlers, PictureSource } from './picture-source.ts';
import { PlayError } from './play-failure.ts';
import type { OnEnded, Playback } from './playback.ts';
import { withTicket } from './stream-tickets.ts';
import type { StreamTickets } from './stream-tickets.ts';
import { openWhep } from './whep-session.ts';

/** A camera's stream URLs: a page for WebRTC, a playlist for HLS. */
export type MediaAddresses = { webrtc: string; hls: string };

/** Where and from where a player plays. */
export type Media = {
  video: HTMLVideoElement;
  pictures: PictureCanvas;
  addresses: MediaAddresses;
  pictureSource: PictureSource;
  tickets: StreamTickets;
  frames: FrameWatch;
};

/** Resolves once the media server sends. HLS occupies the video element at once, WebRTC when it is attached. */
export function openVideo(
  transport: 'webrtc' | 'hls',
  { video, addresses, tickets }: Media,
  { onEnded, signal }: { onEnded: OnEnded; signal: AbortSignal },
): Promise<Playback> {
  if (transport === 'hls') return openHls(addresses.hls, { video, tickets, onEnded, signal });
  const whepUrl = `${addresses.webrtc.replace(/\/$/, '')}/whep`;
  return withTicket(tickets, (ticket) => openWhep(whepUrl, { ticket, onEnded, signal }), signal);
}

export function openPictures(
  { pictureSource, pictures }: Media,
  handlers: { onOpen: () => void; onHeld: PictureHandlers['onHeld']; onEnded: OnEnded },
): Playback {
  return openJpeg(pictureSource, { pictures, ...handlers });
}

export function attach(playback: Playback, { video, frames }: Media): void {
  frames.restart();
  playback.attach(video);
  startPlayback(video);
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

/** Lets one caller await the next call. */
export type Awaited = {
  call: () => void;
  /** Resolves with the next call. Throws PlayError at the deadline. */
  next: (deadline: AbortSignal) => Promise<void>;
};

export function createAwaited(): Awaited {
  let waiting: (() => void) | null = null;
  return {
    call: () => waiting?.(),
    next(deadline) {
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      waiting = () => resolve(undefined);
      const removeListener = onAbort(deadline, () => reject(new PlayError('no-frames', '')));
      return promise.finally(() => {
        removeListener();
        waiting = null;
      });
    },
  };
}
