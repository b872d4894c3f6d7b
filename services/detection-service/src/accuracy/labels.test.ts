import { describe, expect, it } from '@jest/globals';
import { readLabels } from './labels.ts';
import { counts } from './score.ts';

const labels = await readLabels();
const people = labels.frames.flatMap(({ people }) => people);

describe('the labels', () => {
  it('are of at least 64 frames, each seen at 10, 5 and 2 frames a second', () => {
    const frames = labels.frames.map(({ frame }) => frame);
    expect(frames.length).toBeGreaterThanOrEqual(64);
    expect(new Set(frames).size).toBe(frames.length);
    expect(frames.filter((frame) => frame % 10 !== 0)).toEqual([]);
  });

  it('lie inside the picture', () => {
    const outside = people.filter(
      ({ x, y, width, height }) => x + width > labels.width || y + height > labels.height,
    );
    expect(outside).toEqual([]);
  });

  it('call small who is less than 45 pixels high, and nobody else', () => {
    const odd = people.filter(
      ({ height, small, partial }) => height < 45 !== (small ?? false) && partial !== true,
    );
    expect(odd).toEqual([]);
  });

  it('count as many people as their README says', () => {
    const counting = people.filter(counts);
    expect([counting.length, counting.filter(({ moving }) => moving).length]).toEqual([390, 365]);
  });
});
