import { describe, expect, it } from '@jest/globals';
import { readLabels } from './labels.ts';
import { counts } from './score.ts';

const labels = await readLabels();
const people = labels.frames.flatMap(({ people }) => people);

describe('the labels', () => {
  it('cover at least 64 frames that exist at 10, 5 and 2 frames per second', () => {
    const frames = labels.frames.map(({ frame }) => frame);
    expect(frames.length).toBeGreaterThanOrEqual(64);
    expect(new Set(frames).size).toBe(frames.length);
    expect(frames.filter((frame) => frame % 10 !== 0)).toEqual([]);
  });

  it('are inside the frame', () => {
    const outside = people.filter(
      ({ x, y, width, height }) => x + width > labels.width || y + height > labels.height,
    );
    expect(outside).toEqual([]);
  });

  it('mark exactly the people below 45 pixels as small', () => {
    const odd = people.filter(
      ({ height, small, partial }) => height < 45 !== (small ?? false) && partial !== true,
    );
    expect(odd).toEqual([]);
  });

  it('match the counts in the README', () => {
    const counting = people.filter(counts);
    expect([counting.length, counting.filter(({ moving }) => moving).length]).toEqual([390, 365]);
  });
});
