import { useEffect, useState } from 'react';
import type { MediaStats } from '../player/media-stats.ts';
import type { Player } from '../player/player.ts';
import type { PlayerState } from '../player/player-machine.ts';

export type PlaybackStats = MediaStats & {
  /** Frames per second that reached the screen. */
  shownFps: number | null;
};

/** Measures once per second while the video plays. */
export function usePlaybackStats(
  player: Player | null,
  playing: boolean,
  { transport }: Pick<PlayerState, 'transport'>,
): PlaybackStats | null {
  const [stats, setStats] = useState<PlaybackStats | null>(null);
  useEffect(() => {
    if (!player || !playing) return;
    let stopped = false;
    let before = { frames: player.current().frames, atMs: performance.now() };
    const measure = async () => {
      const media = await player.stats();
      if (stopped || !media) return;
      const now = { frames: player.current().frames, atMs: performance.now() };
      const seconds = (now.atMs - before.atMs) / 1000;
      setStats({ ...media, shownFps: seconds > 0.5 ? (now.frames - before.frames) / seconds : null });
      before = now;
    };
    const timer = setInterval(() => void measure().catch(() => undefined), 1000);
    return () => {
      stopped = true;
      clearInterval(timer);
      setStats(null);
    };
  }, [player, playing, transport]);
  return stats;
}
