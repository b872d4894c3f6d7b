import { secondsUntil } from '../wording/duration.ts';
import type { PlayFailure, PlayFailureKind } from './play-failure.ts';
import type { PlayerState, Transport } from './player-machine.ts';

export const transportNames: Record<Transport, string> = { webrtc: 'WebRTC', hls: 'HLS', jpeg: 'JPEG' };

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
  limit: 'the server’s limit of JPEG streams is reached',
  server: 'the media server failed',
};

/** The cause as part of a sentence, with the detail in brackets. */
export function failureText({ kind, detail }: PlayFailure): string {
  return detail === '' ? failures[kind] : `${failures[kind]} (${detail})`;
}

/** Why the player does not use WebRTC, as a sentence; null if it does. */
export function fallbackText(state: Pick<PlayerState, 'transport' | 'obstacles' | 'limited'>): string | null {
  if (state.transport === 'webrtc') return null;
  const what = state.transport === 'hls' ? 'Playing over HLS' : 'Playing pictures';
  if (state.limited) return `${what} because more videos would not be smooth in this browser.`;
  const [webrtc, hls] = [state.obstacles.webrtc?.failure, state.obstacles.hls?.failure];
  const first = webrtc ?? hls;
  if (!first) return null;
  if (state.transport === 'hls')
    return webrtc ? `${what} because WebRTC failed: ${failureText(webrtc)}.` : null;
  if (webrtc?.kind === hls?.kind) return `${what} because WebRTC and HLS failed: ${failures[first.kind]}.`;
  const names = [webrtc && `WebRTC failed: ${failureText(webrtc)}`, hls && `HLS failed: ${failureText(hls)}`];
  return `${what} because ${names.filter((one) => one !== undefined).join('; and ')}.`;
}

/** What the player does while it shows no live video; null while it plays. `nowMs` is by its monotonic clock. */
export function progressText(state: PlayerState, nowMs: number): string | null {
  switch (state.phase) {
    case 'playing':
    case 'idle':
      return null;
    case 'connecting':
      if (state.held) return 'Waiting for the camera…';
      return state.connected
        ? 'Waiting for the first frame…'
        : `Connecting over ${transportNames[state.transport]}…`;
    case 'waiting': {
      const why = failureSentence(state);
      const seconds = secondsUntil(state.nextAttemptMs ?? nowMs, nowMs);
      return `${why === '' ? '' : `${why} `}${seconds === 0 ? 'Retrying now.' : `Retrying in ${seconds} s.`}`;
    }
  }
}

/** Why the last attempt failed, as a sentence; '' before the first failure. */
export function failureSentence({
  lastFailure,
  obstacles,
}: Pick<PlayerState, 'lastFailure' | 'obstacles'>): string {
  if (!lastFailure) return '';
  if (obstacles.webrtc?.failure.kind === 'codec' && obstacles.hls?.failure.kind === 'codec') {
    return 'This browser cannot play the camera’s video codec. Set the mode to transcode.';
  }
  return `${capital(failureText(lastFailure))}.`;
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
