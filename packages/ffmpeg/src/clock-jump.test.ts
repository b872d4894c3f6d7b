import { describe, expect, it } from '@jest/globals';
import { createClockWatch } from './clock-jump.ts';

describe('a clock watch', () => {
  it.each([
    'DTS 3971297296, next:3666667 st:0 invalid dropping',
    '[vist#0:0/h264 @ 0x562450a79500] DTS 324372000, next:4133334 st:0 invalid dropping',
  ])('finds a jump in %j', (line) => {
    expect(createClockWatch()(line)).toBe(true);
  });

  it.each([
    'Non-monotonous DTS in output stream 0:0; previous: 2, current: 1; changing to 3.',
    '[vost#0:0/copy @ 0x5] Non-monotonic DTS; previous: 2, current: 1; changing to 3.',
  ])('finds a jump in many lines such as %j', (line) => {
    const isJump = createClockWatch();
    const found = Array.from({ length: 30 }, () => isJump(line));
    expect(found.slice(0, 20)).not.toContain(true);
    expect(found).toContain(true);
  });
});
