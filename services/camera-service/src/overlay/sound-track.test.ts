import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SoundTrack, soundOffsetMaxMs } from './sound-track.ts';

const startMs = 1_700_000_000_000;
/** Samples of 20 ms. */
const piece = 960;

/** The content of a track, in milliseconds, for chunks of 20 ms that arrive at `arrivalsMs`, with a tick every 40 ms. */
function play(arrivalsMs: readonly number[], endMs: number) {
  const track = new SoundTrack(startMs);
  const kinds: ('sound' | 'silence')[] = [];
  let written = 0;
  /** How much later a used chunk ends in the track than it arrived. */
  const offsetsMs: number[] = [];
  const write = (kind: 'sound' | 'silence', samples: number) => {
    if (samples > 0) kinds.push(kind);
    written += samples;
    track.wrote(samples);
  };
  const events = [
    ...arrivalsMs.map((atMs) => ({ atMs, look: false })),
    ...Array.from({ length: endMs / 40 }, (_, n) => ({ atMs: (n + 1) * 40, look: true })),
  ].sort((a, b) => a.atMs - b.atMs);
  for (const { atMs, look } of events) {
    if (look) {
      write('silence', track.missing(startMs + atMs));
      continue;
    }
    const { silence, use } = track.offer(piece, startMs + atMs);
    write('silence', silence);
    if (!use) continue;
    write('sound', piece);
    offsetsMs.push(written / 48 - atMs);
  }
  return { kinds, writtenMs: written / 48, offsetsMs };
}

const steady = (fromMs: number, toMs: number) =>
  Array.from({ length: Math.floor((toMs - fromMs) / 20) }, (_, n) => fromMs + (n + 1) * 20);

describe('a sound track', () => {
  it('passes a steady sound through, and adds nothing', () => {
    const { kinds, writtenMs } = play(steady(0, 4000), 4000);
    expect(writtenMs).toBe(4000);
    expect(kinds).not.toContain('silence');
  });

  it('continues with silence when no sound arrives', () => {
    expect(play([], 4000).writtenMs).toBeGreaterThan(3600);
    const { kinds, writtenMs } = play(steady(0, 2000), 6000);
    expect(writtenMs).toBeGreaterThan(5600);
    expect(kinds.at(-1)).toBe('silence');
  });

  it('resumes sound when it returns', () => {
    const { kinds, offsetsMs } = play([...steady(0, 1000), ...steady(3000, 5000)], 5000);
    expect(kinds.at(-1)).toBe('sound');
    expect(Math.abs(offsetsMs.at(-1) ?? NaN)).toBeLessThanOrEqual(soundOffsetMaxMs);
  });

  it('drops what arrives in a burst', () => {
    const burst = Array.from({ length: 100 }, () => 10);
    const { writtenMs, offsetsMs } = play([...burst, ...steady(10, 3000)], 3000);
    expect(writtenMs).toBeLessThan(3200);
    expect(offsetsMs.at(-1)).toBeLessThanOrEqual(20);
  });

  it('follows a camera whose clock runs slow or fast', () => {
    for (const rate of [0.97, 1.03]) {
      const { offsetsMs } = play(
        Array.from({ length: 3000 }, (_, n) => n * 20 * rate),
        60_000 * rate,
      );
      expect(Math.max(...offsetsMs.map(Math.abs))).toBeLessThanOrEqual(soundOffsetMaxMs + 1);
    }
  });

  it('stays close to the clock for any arrival pattern', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 8000 }), { maxLength: 400 }), (arrivals) => {
        const { writtenMs, offsetsMs } = play(arrivals, 8000);
        expect(Math.abs(writtenMs - 8000)).toBeLessThanOrEqual(400);
        for (const offset of offsetsMs) expect(Math.abs(offset)).toBeLessThanOrEqual(soundOffsetMaxMs + 1);
      }),
    );
  });
});
