import { secondsUntil } from '../wording/duration.ts';
import type { PlayFailure, PlayFailureKind } from './play-failure.ts';
import type { PlayerState, Transport } from './player-machine.ts';

export const transportNames: Record<Transport, string> = { webrtc: 'WebRTC', hls: 'HLS' };

const failures: Record<PlayFailureKind, string> = {
  unsupported: 'this browser does not support it',
  codec: 'this browser cannot play the video codec this way',
  unreachable: 'the media server is unreachable',
  absent: 'the media server has no stream for this camera',
  refused: 'your access to this video has ended',
  'not-connected': 'no media connection could be established',
  'no-frames': 'no video arrived',
  stalled: 'the video stopped arriving',
  closed: 'the media server closed the connection',
  server: 'the media server failed',
};

/** The cause as part of a sentence, with the detail in brackets. */
export function failureText({ kind, detail }: PlayFailure): string {
  return detail === '' ? failures[kind] : `${failures[kind]} (${detail})`;
}

/** Why HLS plays instead of WebRTC; null otherwise. */
export function fallbackReason(state: Pick<PlayerState, 'transport' | 'fallback'>): string | null {
  return state.transport === 'hls' && state.fallback ? failureText(state.fallback) : null;
}

/** What the player does while it shows no live video; null while it plays. `nowMs` is by its monotonic clock. */
export function progressText(state: PlayerState, nowMs: number): string | null {
  switch (state.phase) {
    case 'playing':
    case 'idle':
      return null;
    case 'connecting':
      return state.connected
        ? 'Waiting for the first frame…'
        : `Connecting over ${transportNames[state.transport]}…`;
    case 'waiting': {
      const why = waitingReason(state);
      const seconds = secondsUntil(state.nextAttemptMs ?? nowMs, nowMs);
      return `${why}${seconds === 0 ? 'Retrying now.' : `Retrying in ${seconds} s.`}`;
    }
  }
}

function waitingReason({ lastFailure, fallback, transport }: PlayerState): string {
  if (!lastFailure) return '';
  if (lastFailure.kind === 'codec' && transport === 'hls' && fallback?.kind === 'codec') {
    return 'This browser cannot play the camera’s video codec. Set the mode to transcode. ';
  }
  return `${capital(failureText(lastFailure))}. `;
}

/**
 * The delay from the media server to the screen. The camera's own delay is unknown: MediaMTX replaces the camera's RTCP
 * clock on an always available path.
 */
export function serverDelayText(latencyMs: number | null): string | null {
  if (latencyMs === null) return null;
  return latencyMs < 1000 ? `${Math.round(latencyMs)} ms` : `${(latencyMs / 1000).toFixed(1)} s`;
}

export const serverDelayHint =
  'Time from the media server to this screen. The delay of the camera and its network is not included.';

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
