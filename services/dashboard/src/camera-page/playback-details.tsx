import { failureText, serverDelayText, transportNames } from '../player/play-wording.ts';
import type { PlayerState, Transport } from '../player/player-machine.ts';
import { Facts } from '../interface/facts.tsx';
import type { PlaybackStats } from './use-playback-stats.ts';

/** Playback figures measured in this browser. */
export function PlaybackDetails({ state, stats }: { state: PlayerState; stats: PlaybackStats | null }) {
  const milliseconds = (value: number | null) => (value === null ? null : `${Math.round(value)} ms`);
  const obstacleText = (transport: Transport) => {
    const obstacle = state.transport === 'webrtc' ? null : state.obstacles[transport];
    return obstacle && failureText(obstacle.failure);
  };
  return (
    <Facts
      className="facts-compact"
      items={[
        ['Transport', state.phase === 'idle' ? null : transportNames[state.transport]],
        ['WebRTC failed', obstacleText('webrtc')],
        ['HLS failed', obstacleText('hls')],
        ['Last failure', state.lastFailure ? failureText(state.lastFailure) : null],
        ['Delay from media server', stats && serverDelayText(stats.latencyMs)],
        ['Codec', stats?.codec],
        ['Size', stats?.width && stats.height ? `${stats.width} × ${stats.height}` : null],
        ['Frame rate', stats && stats.shownFps !== null ? `${stats.shownFps.toFixed(1)} fps` : null],
        ['Bit rate', stats?.bitrateKbps ? `${Math.round(stats.bitrateKbps)} kbit/s` : null],
        ['Jitter buffer', milliseconds(stats?.jitterBufferMs ?? null)],
        ['Round trip', milliseconds(stats?.roundTripMs ?? null)],
        ['Packets lost', stats?.packetsLost],
        ['Media transport', stats?.route],
      ]}
      empty="Nothing is playing."
    />
  );
}
