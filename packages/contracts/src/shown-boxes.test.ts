import { describe, expect, it } from '@jest/globals';
import { withoutCoveredMotion } from './shown-boxes.ts';

const at = (detector: 'motion' | 'person' | 'http', x: number) => ({
  detector,
  boundingBox: { x, y: 0.1, width: 0.2, height: 0.2 },
});

describe('withoutCoveredMotion', () => {
  it('keeps named boxes and the motion outside of them', () => {
    const [covered, apart, person] = [at('motion', 0.15), at('motion', 0.6), at('person', 0.1)];
    expect(withoutCoveredMotion([covered, apart, person])).toEqual([person, apart]);
  });

  it('keeps motion that only touches a named box', () => {
    const [motion, dog] = [at('motion', 0.3), at('http', 0.5)];
    expect(withoutCoveredMotion([motion, dog])).toEqual([dog, motion]);
  });

  it('keeps named boxes that overlap each other', () => {
    const boxes = [at('person', 0.1), at('http', 0.15)];
    expect(withoutCoveredMotion(boxes)).toEqual(boxes);
  });
});
