import { describe, expect, it } from '@jest/globals';
import { withoutCoveredMotion } from './shown-boxes.ts';

const at = (detector: 'motion' | 'person' | 'http', x: number) => ({
  detector,
  boundingBox: { x, y: 0.1, width: 0.2, height: 0.2 },
});

describe('boxes that are shown', () => {
  it('are those with a name, and motion apart from them', () => {
    const [covered, apart, person] = [at('motion', 0.15), at('motion', 0.6), at('person', 0.1)];
    expect(withoutCoveredMotion([covered, apart, person])).toEqual([person, apart]);
  });

  it('may touch: motion that ends where a named box begins is no part of it', () => {
    const [motion, dog] = [at('motion', 0.3), at('http', 0.5)];
    expect(withoutCoveredMotion([motion, dog])).toEqual([dog, motion]);
  });

  it('of several with a name stay, though they overlap', () => {
    const boxes = [at('person', 0.1), at('http', 0.15)];
    expect(withoutCoveredMotion(boxes)).toEqual(boxes);
  });
});
