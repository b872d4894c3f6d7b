import { describe, expect, it } from '@jest/globals';
import { fallbackText, serverDelayText, progressText } from './play-wording.ts';
import { idlePlayer } from './player-machine.ts';
import { failureOfStatus } from './play-failure.ts';

describe('the words of the player', () => {
  it('say why HLS plays', () => {
    const fallback = { kind: 'codec' as const, detail: '' };
    expect(fallbackText({ transport: 'hls', fallback })).toBe(
      'WebRTC is not used: this browser cannot play the video’s codec this way.',
    );
    expect(fallbackText({ transport: 'webrtc', fallback })).toBeNull();
    expect(fallbackText({ transport: 'hls', fallback: null })).toBeNull();
  });

  it('say what it waits for', () => {
    expect(progressText({ ...idlePlayer, phase: 'connecting' }, 0)).toBe('Connecting over WebRTC…');
    expect(progressText({ ...idlePlayer, phase: 'connecting', connected: true }, 0)).toBe(
      'Waiting for the first picture…',
    );
    expect(progressText({ ...idlePlayer, phase: 'playing' }, 0)).toBeNull();
  });

  it('count down to the next attempt, with the reason', () => {
    const waiting = {
      ...idlePlayer,
      phase: 'waiting' as const,
      lastFailure: { kind: 'unreachable' as const, detail: '' },
      nextAttemptMs: 5_000,
    };
    expect(progressText(waiting, 2_500)).toBe(
      'The media server’s address cannot be reached. Trying again in 3 s.',
    );
    expect(progressText(waiting, 6_000)).toContain('Trying again now.');
  });

  it('say what to do about a codec that plays nowhere', () => {
    const codec = { kind: 'codec' as const, detail: 'x' };
    const waiting = {
      ...idlePlayer,
      phase: 'waiting' as const,
      transport: 'hls' as const,
      lastFailure: codec,
    };
    expect(progressText({ ...waiting, fallback: codec }, 0)).toMatch(/neither .* transcode mode converts it/);
    expect(progressText({ ...waiting, fallback: { kind: 'unreachable', detail: '' } }, 0)).not.toMatch(
      /neither/,
    );
  });

  it('write a delay in the unit that suits it', () => {
    expect([null, 41.6, 999, 2345].map(serverDelayText)).toEqual([null, '42 ms', '999 ms', '2.3 s']);
  });
});

describe('an answer of the media server', () => {
  it.each([
    [404, '', 'absent'],
    [401, 'authentication error', 'refused'],
    [403, '', 'refused'],
    [400, 'codecs not supported by client', 'codec'],
    [400, "source of path 'front-door' has timed out", 'absent'],
    [400, 'terminated', 'absent'],
    [500, '', 'server'],
  ])('%d %s means %s', (status, detail, kind) => {
    expect(failureOfStatus(status, detail).kind).toBe(kind);
  });
});
