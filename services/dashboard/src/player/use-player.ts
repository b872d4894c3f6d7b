import { useEffect, useState, useSyncExternalStore } from 'react';
import type { RefObject } from 'react';
import { createPlayer } from './player.ts';
import type { MediaAddresses, Player } from './player.ts';
import { idlePlayer } from './player-machine.ts';
import type { PlayerState } from './player-machine.ts';

const noSubscription = () => () => undefined;
const idle = () => idlePlayer;

/**
 * Plays on `video` while `addresses` are given, and ends the session when they go, when the component goes, and
 * when the page is left. News of the camera (`running` turning true) ends a pause between attempts.
 */
export function usePlayer(
  video: RefObject<HTMLVideoElement | null>,
  addresses: MediaAddresses | null,
  running: boolean,
): { player: Player | null; state: PlayerState } {
  const [player, setPlayer] = useState<Player | null>(null);
  const webrtc = addresses?.webrtc ?? null;
  const hls = addresses?.hls ?? null;

  useEffect(() => {
    const element = video.current;
    if (!element || webrtc === null || hls === null) return;
    const made = createPlayer(element, { webrtc, hls });
    const leave = () => made.stop(true);
    // A page that comes back from the back-forward cache begins again.
    const comeBack = (event: PageTransitionEvent) => {
      if (event.persisted) made.play();
    };
    window.addEventListener('pagehide', leave);
    window.addEventListener('pageshow', comeBack);
    setPlayer(made);
    made.play();
    return () => {
      window.removeEventListener('pagehide', leave);
      window.removeEventListener('pageshow', comeBack);
      made.stop(false);
      setPlayer(null);
    };
  }, [video, webrtc, hls]);

  useEffect(() => {
    if (running) player?.retryNow();
  }, [player, running]);

  const state = useSyncExternalStore(player?.subscribe ?? noSubscription, player?.current ?? idle);
  return { player, state };
}
