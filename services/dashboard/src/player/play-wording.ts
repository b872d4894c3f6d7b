import { secondsUntil } from '../wording/duration.ts';
import type { PlayFailure, PlayFailureKind } from './play-failure.ts';
import type { PlayerState, Transport } from './player-machine.ts';

export const transportNames: Record<Transport, string> = { webrtc: 'WebRTC', hls: 'HLS' };

const failures: Record<PlayFailureKind, string> = {
  unsupported: 'this browser does not support it',
  codec: 'this browser cannot play the video’s codec this way',
  unreachable: 'the media server’s address cannot be reached',
  absent: 'the media server has no stream of this camera',
  refused: 'the media server refused access',
  'not-connected': 'no media connection came about',
  'no-frames': 'no picture arrived',
  stalled: 'pictures stopped arriving',
  closed: 'the media server ended the connection',
  server: 'the media server failed',
};

/** Why something failed, as the end of a sentence; with the detail that was told, if any. */
export function failureText({ kind, detail }: PlayFailure): string {
  return detail === '' ? failures[kind] : `${failures[kind]} (${detail})`;
}

/** Why HLS is playing in place of WebRTC; null if it is not. */
export function fallbackText(state: Pick<PlayerState, 'transport' | 'fallback'>): string | null {
  return state.transport === 'hls' && state.fallback
    ? `WebRTC is not used: ${failureText(state.fallback)}.`
    : null;
}

/** What the player is doing while it shows no live picture; null when it does. `nowMs`: its monotonic clock. */
export function progressText(state: PlayerState, nowMs: number): string | null {
  switch (state.phase) {
    case 'playing':
    case 'idle':
      return null;
    case 'connecting':
      return state.connected
        ? 'Waiting for the first picture…'
        : `Connecting over ${transportNames[state.transport]}…`;
    case 'waiting': {
      const why = waitingReason(state);
      const seconds = secondsUntil(state.nextAttemptMs ?? nowMs, nowMs);
      return `${why}Trying again ${seconds === 0 ? 'now' : `in ${seconds} s`}.`;
    }
  }
}

function waitingReason({ lastFailure, fallback, transport }: PlayerState): string {
  if (!lastFailure) return '';
  if (lastFailure.kind === 'codec' && transport === 'hls' && fallback?.kind === 'codec') {
    return 'This browser can play the camera’s video neither over WebRTC nor over HLS; transcode mode converts it. ';
  }
  return `${capital(failureText(lastFailure))}. `;
}

/**
 * How long frames take from the media server to the screen. The camera's own delay is not known: MediaMTX replaces
 * the camera's RTCP clock on an always available path.
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
