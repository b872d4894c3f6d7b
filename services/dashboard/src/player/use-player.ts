import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { RefObject } from 'react';
import { api } from '../api/client.ts';
import { createPlayer } from './player.ts';
import type { MediaAddresses } from './open-session.ts';
import type { Player } from './player.ts';
import { idlePlayer } from './player-machine.ts';
import type { PlayerState } from './player-machine.ts';
import type { PictureSource } from './picture-source.ts';
import { createStreamTickets } from './stream-tickets.ts';

const noSubscription = () => () => undefined;
const idle = () => idlePlayer;

type Options = {
  video: RefObject<HTMLVideoElement | null>;
  canvas: RefObject<HTMLCanvasElement | null>;
  cameraId: string;
  /** Null: nothing plays. */
  addresses: MediaAddresses | null;
  /** Must keep its identity between renders. */
  pictureSource: PictureSource;
  /** Retries at once when this becomes true. */
  running: boolean;
  /** Pictures only. */
  limited?: boolean;
};

/** Plays a camera. Ends the session on unmount and when the page is unloaded. */
export function usePlayer(options: Options): { player: Player | null; state: PlayerState } {
  const { video, canvas, cameraId, addresses, pictureSource, running, limited = false } = options;
  const [player, setPlayer] = useState<Player | null>(null);
  const webrtc = addresses?.webrtc ?? null;
  const hls = addresses?.hls ?? null;
  const latestLimited = useRef(limited);
  latestLimited.current = limited;

  useEffect(() => {
    if (!video.current || !canvas.current || webrtc === null || hls === null) return;
    const created = createPlayer({
      video: video.current,
      canvas: canvas.current,
      addresses: { webrtc, hls },
      pictureSource,
      tickets: createStreamTickets(api, cameraId),
      limited: latestLimited.current,
    });
    const leave = () => created.stop(true);
    // The page was restored from the back-forward cache.
    const restore = (event: PageTransitionEvent) => {
      if (event.persisted) created.play();
    };
    window.addEventListener('pagehide', leave);
    window.addEventListener('pageshow', restore);
    setPlayer(created);
    created.play();
    return () => {
      window.removeEventListener('pagehide', leave);
      window.removeEventListener('pageshow', restore);
      created.stop(false);
      setPlayer(null);
    };
  }, [video, canvas, cameraId, webrtc, hls, pictureSource]);

  useEffect(() => {
    if (running) player?.retryNow();
  }, [player, running]);
  useEffect(() => player?.limit(limited), [player, limited]);

  const state = useSyncExternalStore(player?.subscribe ?? noSubscription, player?.current ?? idle);
  return { player, state };
}
