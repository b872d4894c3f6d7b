import { useEffect, useState, useSyncExternalStore } from 'react';
import type { RefObject } from 'react';
import { api } from '../api/client.ts';
import { createPlayer } from './player.ts';
import type { MediaAddresses } from './connections.ts';
import type { Player } from './player.ts';
import { idlePlayer } from './player-machine.ts';
import type { PlayerState } from './player-machine.ts';
import { createStreamTickets } from './stream-tickets.ts';

const noSubscription = () => () => undefined;
const idle = () => idlePlayer;

/**
 * Plays a camera on `video` while `addresses` is not null. Ends the session on unmount and when the page is unloaded. Retries at
 * once when `running` becomes true.
 */
export function usePlayer(
  video: RefObject<HTMLVideoElement | null>,
  cameraId: string,
  addresses: MediaAddresses | null,
  running: boolean,
): { player: Player | null; state: PlayerState } {
  const [player, setPlayer] = useState<Player | null>(null);
  const webrtc = addresses?.webrtc ?? null;
  const hls = addresses?.hls ?? null;

  useEffect(() => {
    const element = video.current;
    if (!element || webrtc === null || hls === null) return;
    const created = createPlayer(element, { webrtc, hls }, createStreamTickets(api, cameraId));
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
  }, [video, cameraId, webrtc, hls]);

  useEffect(() => {
    if (running) player?.retryNow();
  }, [player, running]);

  const state = useSyncExternalStore(player?.subscribe ?? noSubscription, player?.current ?? idle);
  return { player, state };
}
