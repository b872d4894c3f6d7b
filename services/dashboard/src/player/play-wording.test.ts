import { describe, expect, it } from '@jest/globals';
import type { PlayFailureKind } from './play-failure.ts';
import { fallbackText, serverDelayText, progressText } from './play-wording.ts';
import { idlePlayer } from './player-machine.ts';
import type { PlayerState, Transport } from './player-machine.ts';
import { failureOfStatus } from './play-failure.ts';

describe('player texts', () => {
  const obstacle = (kind: PlayFailureKind) => ({ failure: { kind, detail: '' }, tries: 0, retryAtMs: 0 });
  const none = { webrtc: null, hls: null, jpeg: null };

  it('give the reason for HLS and for pictures', () => {
    const [codec, unreachable] = [obstacle('codec'), obstacle('unreachable')];
    const text = (transport: Transport, obstacles: Partial<PlayerState['obstacles']>, limited = false) =>
      fallbackText({ transport, obstacles: { ...none, ...obstacles }, limited });
    expect(text('hls', { webrtc: codec })).toBe(
      'Playing over HLS because WebRTC failed: this browser cannot play the video codec this way.',
    );
    expect(text('jpeg', { webrtc: unreachable, hls: unreachable })).toBe(
      'Playing pictures because WebRTC and HLS failed: the media server is unreachable.',
    );
    expect(text('jpeg', { webrtc: unreachable, hls: codec })).toBe(
      'Playing pictures because WebRTC failed: the media server is unreachable; and HLS failed: ' +
        'this browser cannot play the video codec this way.',
    );
    expect(text('jpeg', {}, true)).toMatch(/^Playing pictures because more videos would not be smooth/);
    expect([text('webrtc', { webrtc: codec }), text('hls', {})]).toEqual([null, null]);
  });

  it('say what the player waits for', () => {
    expect(progressText({ ...idlePlayer, phase: 'connecting' }, 0)).toBe('Connecting over WebRTC…');
    expect(progressText({ ...idlePlayer, phase: 'connecting', connected: true }, 0)).toBe(
      'Waiting for the first frame…',
    );
    expect(progressText({ ...idlePlayer, phase: 'playing' }, 0)).toBeNull();
  });

  it('count down to the next attempt and give the reason', () => {
    const waiting = {
      ...idlePlayer,
      phase: 'waiting' as const,
      lastFailure: { kind: 'unreachable' as const, detail: '' },
      nextAttemptMs: 5_000,
    };
    expect(progressText(waiting, 2_500)).toBe('The media server is unreachable. Retrying in 3 s.');
    expect(progressText(waiting, 6_000)).toContain('Retrying now.');
  });

  it('name the remedy for a codec that neither transport can play', () => {
    const codec = { kind: 'codec' as const, detail: 'x' };
    const waiting = {
      ...idlePlayer,
      phase: 'waiting' as const,
      transport: 'hls' as const,
      lastFailure: codec,
    };
    const both = { ...none, webrtc: obstacle('codec'), hls: obstacle('codec') };
    expect(progressText({ ...waiting, obstacles: both }, 0)).toMatch(/Set the mode to transcode\./);
    expect(progressText({ ...waiting, obstacles: { ...both, webrtc: null } }, 0)).not.toMatch(/transcode/);
  });

  it('format a delay in milliseconds or seconds', () => {
    expect([null, 41.6, 999, 2345].map(serverDelayText)).toEqual([null, '42 ms', '999 ms', '2.3 s']);
  });
});

describe('an error of the media server', () => {
  it.each([
    [404, '', 'absent'],
    [401, 'authentication error', 'refused'],
    [403, '', 'refused'],
    [400, 'codecs not supported by client', 'codec'],
    [400, "source of path 'front-door' has timed out", 'absent'],
    [400, 'terminated', 'absent'],
    [400, "path 'front-door' is not configured", 'absent'],
    [500, '', 'server'],
  ])('%d %s means %s', (status, detail, kind) => {
    expect(failureOfStatus(status, detail).kind).toBe(kind);
  });
});
