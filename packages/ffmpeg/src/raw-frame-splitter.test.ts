import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createRawFrameSplitter } from './raw-frame-splitter.ts';

function split(bytes: Uint8Array, sizes: number[], frameBytes: number, bufferCount: number) {
  const frames: number[][] = [];
  const buffers = new Set<Buffer>();
  const splitter = createRawFrameSplitter({
    frameBytes,
    bufferCount,
    onFrame: (frame) => {
      frames.push([...frame]);
      buffers.add(frame);
    },
  });
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    splitter.push(bytes.subarray(at, at + size));
    at += size;
  }
  return { frames, buffers, pendingBytes: splitter.pendingBytes };
}

describe('createRawFrameSplitter', () => {
  it('returns the same frames for any chunking, in reused buffers', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.array(fc.integer({ min: 0, max: 40 })),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 3 }),
        (bytes, sizes, frameBytes, bufferCount) => {
          const { frames, buffers, pendingBytes } = split(bytes, sizes, frameBytes, bufferCount);
          const whole = Math.floor(bytes.length / frameBytes);
          expect(frames.flat()).toEqual([...bytes.subarray(0, whole * frameBytes)]);
          expect(frames).toHaveLength(whole);
          expect(buffers.size).toBe(Math.min(whole, bufferCount));
          expect(pendingBytes).toBe(bytes.length % frameBytes);
        },
      ),
    );
  });

  it('keeps a frame valid until all other buffers are used', () => {
    const kept: Buffer[] = [];
    const splitter = createRawFrameSplitter({
      frameBytes: 1,
      bufferCount: 3,
      onFrame: (frame) => kept.push(frame),
    });
    splitter.push(Uint8Array.of(1, 2, 3));
    expect(kept.map((frame) => frame[0])).toEqual([1, 2, 3]);
    splitter.push(Uint8Array.of(4));
    expect(kept.map((frame) => frame[0])).toEqual([4, 2, 3, 4]);
  });

  it('refuses invalid sizes', () => {
    const onFrame = () => undefined;
    expect(() => createRawFrameSplitter({ frameBytes: 0, bufferCount: 1, onFrame })).toThrow(RangeError);
    expect(() => createRawFrameSplitter({ frameBytes: 1.5, bufferCount: 1, onFrame })).toThrow(RangeError);
    expect(() => createRawFrameSplitter({ frameBytes: 1, bufferCount: 0, onFrame })).toThrow(RangeError);
  });
});
