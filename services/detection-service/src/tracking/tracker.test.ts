import { describe, expect, it } from '@jest/globals';
import type { BoundingBox } from '@camplane/contracts/detection';
import fc from 'fast-check';
import { track } from './tracker.ts';
import type { Sighting, Track } from './tracker.ts';

const aspect = 640 / 360;
const person = (x: number, y = 0.5): Sighting => ({
  kind: 'person/person',
  box: { x, y, width: 0.05, height: 0.2 },
});

/** Runs frames through the tracker and returns their track ids. */
function follow(frames: readonly (readonly Sighting[])[], intervalMs: number): string[][] {
  let tracks: Track[] = [];
  return frames.map((seen, number) => {
    const now = 1_000_000 + number * intervalMs;
    const next = track(tracks, seen, { aspect, now, newId: (index) => `${number}-${index}` });
    tracks = next.tracks;
    return next.ids;
  });
}

const distinct = (ids: string[][]) => new Set(ids.flat()).size;

describe('track', () => {
  it.each([
    ['2 frames per second, a whole width from one to the next', 500, 0.05],
    ['10 frames per second', 100, 0.012],
    ['1 frame in two seconds, slowly', 2000, 0.04],
  ])('keeps one track for a person who walks through at %s', (_, intervalMs, step) => {
    const frames = Array.from({ length: 16 }, (_, n) => [person(0.05 + n * step)]);
    expect(distinct(follow(frames, intervalMs))).toBe(1);
  });

  it('keeps the track of a person who is briefly not detected', () => {
    const frames = Array.from({ length: 16 }, (_, n) =>
      n === 5 || n === 6 || n === 11 ? [] : [person(0.05 + n * 0.04)],
    );
    expect(distinct(follow(frames, 500))).toBe(1);
  });

  it('ends a track a few seconds after the last sighting', () => {
    const frames = [[person(0.3)], ...Array.from({ length: 10 }, () => []), [person(0.3)]];
    expect(distinct(follow(frames, 500))).toBe(2);
  });

  it('keeps the tracks of two people who cross', () => {
    const frames = Array.from({ length: 21 }, (_, n) => [
      person(0.1 + n * 0.03, 0.4),
      person(0.7 - n * 0.03, 0.45),
    ]);
    const ids = follow(frames, 200);
    expect(distinct(ids)).toBe(2);
    expect(ids.at(-1)).toEqual(ids[0]);
  });

  it('keeps the tracks of two people side by side, in any order', () => {
    const [a, b] = [person(0.3), person(0.36)];
    expect(
      follow(
        [
          [a, b],
          [b, a],
          [a, b],
        ],
        500,
      ),
    ).toEqual([
      ['0-0', '0-1'],
      ['0-1', '0-0'],
      ['0-0', '0-1'],
    ]);
  });

  it('never joins objects of different kinds', () => {
    const motion = { ...person(0.3), kind: 'motion/motion' };
    expect(follow([[person(0.3)], [motion], [person(0.3), motion]], 100)).toEqual([
      ['0-0'],
      ['1-0'],
      ['0-0', '1-0'],
    ]);
  });

  it('starts a new track on the other side of the frame', () => {
    expect(distinct(follow([[person(0.1)], [person(0.8)]], 500))).toBe(2);
  });

  const fraction = fc.double({ min: 0, max: 0.5, noNaN: true });
  const box: fc.Arbitrary<BoundingBox> = fc.record({
    x: fraction,
    y: fraction,
    width: fraction,
    height: fraction,
  });
  const seen = fc.record({ kind: fc.constantFrom('a', 'b'), box });

  it('assigns one track to each object of a frame, for any input', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(seen, { maxLength: 12 }), { maxLength: 12 }),
        fc.integer({ min: 0, max: 5000 }),
        (frames, intervalMs) => {
          for (const [number, ids] of follow(frames, intervalMs).entries()) {
            expect(ids).toHaveLength(frames[number]?.length ?? 0);
            expect(new Set(ids).size).toBe(ids.length);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('limits the number of tracks, with any amount of noise', () => {
    let tracks: Track[] = [];
    for (let number = 0; number < 30; number++) {
      const noise = Array.from({ length: 48 }, (_, index) =>
        person(((index * 37 + number * 11) % 95) / 100, ((index * 53 + number * 29) % 80) / 100),
      );
      ({ tracks } = track(tracks, noise, {
        aspect,
        now: number * 30,
        newId: (index) => `${number}-${index}`,
      }));
    }
    expect(tracks.length).toBeLessThanOrEqual(256);
  });

  it('accepts a clock that is set back', () => {
    let tracks: Track[] = [];
    const at = (now: number) => {
      const next = track(tracks, [person(0.3)], { aspect, now, newId: () => String(now) });
      tracks = next.tracks;
      return next.ids[0];
    };
    expect([at(10_000), at(9_500), at(10_100), at(1_000), at(1_100)]).toEqual([
      '10000',
      '10000',
      '10000',
      '1000',
      '1000',
    ]);
  });
});
