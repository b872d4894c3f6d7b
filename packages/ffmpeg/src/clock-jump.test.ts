import { describe, expect, it } from '@jest/globals';
import { isClockJump } from './clock-jump.ts';

describe('isClockJump', () => {
  it.each([
    'DTS 3971297296, next:3666667 st:0 invalid dropping',
    '[vist#0:0/h264 @ 0x562450a79500] DTS 324372000, next:4133334 st:0 invalid dropping',
  ])('recognizes %j', (line) => {
    expect(isClockJump(line)).toBe(true);
  });

  it('ignores single packets out of order', () => {
    expect(isClockJump('[rtsp @ 0x5] Non-monotonous DTS in output stream 0:0; previous: 2, current: 1')).toBe(
      false,
    );
  });
});
