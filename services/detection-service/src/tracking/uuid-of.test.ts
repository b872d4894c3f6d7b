import { describe, expect, it } from '@jest/globals';
import { detectionIdSchema } from '@camplane/contracts/detection';
import { uuidOf } from './uuid-of.ts';

describe('uuidOf', () => {
  it('returns the same UUID for the same parts', () => {
    const id = uuidOf('front-door', 1_700_000_000_000, 7, 'motion', 0);
    expect(detectionIdSchema.safeParse(id).success).toBe(true);
    expect(uuidOf('front-door', 1_700_000_000_000, 7, 'motion', 0)).toBe(id);
  });

  it('returns another UUID if a part or the order differs', () => {
    const ids = [uuidOf('a', 1, 2), uuidOf('a', 12), uuidOf('a1', 2), uuidOf('a', '1', 2), uuidOf('a', 2, 1)];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
