import type { StreamFailureKind } from '@camplane/contracts/camera-status';
import { describe, expect, it } from '@jest/globals';
import { nothingKnown, remember } from './source-memory.ts';
import type { SourceAttempt, SourceMemory } from './source-memory.ts';

const facts = { codec: 'h264', width: 640, height: 360, fps: null, hasBFrames: null, hasAudio: true };
const direct: SourceAttempt = {
  route: 'direct',
  isDescribed: true,
  facts,
  audio: false,
  missingSound: null,
  hadFrames: false,
};
const relayed: SourceAttempt = { ...direct, route: 'relay' };
const failed = (kind: StreamFailureKind, attempt = direct, memory: SourceMemory = nothingKnown) =>
  remember(memory, attempt, kind);

describe('remember', () => {
  it.each(['NoFirstFrame', 'TrackRefused', 'PlayRefused', 'InvalidData', 'TimedOut'] as const)(
    'relays after FFmpeg failed with %s where DESCRIBE succeeded',
    (kind) => {
      expect(failed(kind).route).toBe('relay');
    },
  );

  it('relays after a jump of the clock', () => {
    expect(remember(nothingKnown, { ...direct, hadFrames: true }, 'ClockJumped').route).toBe('relay');
  });

  it('leaves DESCRIBE out after a camera without a free connection', () => {
    const memory = failed('TooManyConnections');
    expect(memory).toEqual({ ...nothingKnown, knownFacts: facts });
    const skipped = { ...direct, isDescribed: false };
    expect(failed('TooManyConnections', skipped, memory).knownFacts).toEqual(facts);
    expect(failed('InvalidData', skipped, memory)).toEqual(nothingKnown);
  });

  it('drops facts that MediaMTX refused', () => {
    expect(failed('MediaServerUnavailable', direct, { ...nothingKnown, knownFacts: facts })).toEqual(
      nothingKnown,
    );
  });

  it('leaves sound out after a start with sound failed', () => {
    expect(failed('NoFirstFrame', { ...relayed, audio: true })).toEqual({
      ...nothingKnown,
      hasUsableSound: false,
    });
  });

  it('tries FFmpeg again after a relay without video', () => {
    expect(failed('NoFirstFrame', relayed, { ...nothingKnown, route: 'relay' }).route).toBe('direct');
  });

  it('keeps the route that worked', () => {
    const memory: SourceMemory = { ...nothingKnown, route: 'relay' };
    expect(remember(memory, { ...relayed, hadFrames: true }, 'Stalled')).toBe(memory);
    expect(remember(nothingKnown, { ...direct, hadFrames: true }, 'Ended')).toBe(nothingKnown);
  });
});
