import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { h264StreamFacts } from './h264-sps.ts';

describe('h264StreamFacts', () => {
  // Encoded with x264, one for each branch of the syntax.
  it.each([
    ['high, cropped from 1088 lines', 'Z2QAKKzZQHgCJ+XARAAAAwAEAAADAMg8YMZY', 1920, 1080],
    ['main', 'Z01AHuygUBf8uAiAAAADAIAAABkHixbL', 640, 360],
    ['baseline', 'Z0LADdkBQfsBEAAAAwAQAAADAyDxQqSA', 320, 240],
    ['interlaced', 'Z2QAKKzZQHgET94CIAAAAwAgAAAGQ+LFssA=', 1920, 1080],
    ['4:2:2', 'Z3oAILzZQFYGHm8BEAAAAwAQAAADAyDxgxlg', 1366, 768],
    ['4:4:4', 'Z/QAH5GbKAoAt93gIgAAAwACAAADAGQeMGMs', 1278, 718],
    ['monochrome', 'Z2QAHvNlAsBJsBbIAAADAAgAAAMBkHixbLA=', 704, 576],
    ['10 bits', 'Z24AM6bNlAPABD7ARAAAAwAEAAADAMg8YMZY', 3840, 2160],
    ['five megapixels', 'Z2QAMqzZQCiA9flwEQAAAwABAAADADIPGDGW', 2592, 1944],
    ['tiny', 'Z2QAC6zZQo35MBEAAAMAAQAAAwAyDxQplg==', 160, 90],
  ])('reads the size of a %s stream', (_name, base64, width, height) => {
    expect(h264StreamFacts(Buffer.from(base64, 'base64'))).toMatchObject({ width, height });
  });

  it('reads any size after any preceding fields', () => {
    fc.assert(
      fc.property(parameterSet, (set) => {
        expect(h264StreamFacts(encode(set))).toMatchObject({
          width: set.widthInBlocks * 16 - 2 * set.cropRight,
          height: set.heightInBlocks * 16 - 2 * set.cropBottom,
        });
      }),
    );
  });

  it('returns undefined for any truncated parameter set and never throws', () => {
    const whole = Buffer.from('Z2QAKKzZQHgCJ+XARAAAAwAEAAADAMg8YMZY', 'base64');
    for (let length = 0; length < 8; length += 1) {
      expect(h264StreamFacts(whole.subarray(0, length))).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const size = h264StreamFacts(Uint8Array.from([0x67, ...bytes]));
        if (size !== undefined) expect(Math.max(size.width, size.height)).toBeLessThanOrEqual(16_384);
      }),
    );
  });

  it('returns undefined for a picture parameter set', () => {
    expect(h264StreamFacts(Buffer.from('aOvDyyA=', 'base64'))).toBeUndefined();
  });
});

type ParameterSet = {
  profile: number;
  widthInBlocks: number;
  heightInBlocks: number;
  cropRight: number;
  cropBottom: number;
  /** One entry per scaling list; null: not present. */
  scalingLists: (number[] | null)[] | null;
  offsetsPerCycle: number[] | null;
};

const scalingList = fc.option(
  fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 64, maxLength: 64 }),
);
const parameterSet: fc.Arbitrary<ParameterSet> = fc.record({
  profile: fc.constantFrom(66, 77, 100),
  widthInBlocks: fc.integer({ min: 2, max: 500 }),
  heightInBlocks: fc.integer({ min: 2, max: 500 }),
  cropRight: fc.integer({ min: 0, max: 7 }),
  cropBottom: fc.integer({ min: 0, max: 7 }),
  scalingLists: fc.option(fc.array(scalingList, { minLength: 8, maxLength: 8 })),
  offsetsPerCycle: fc.option(fc.array(fc.integer({ min: -70_000, max: 70_000 }), { maxLength: 5 })),
});

/** Writes a parameter set as in ITU-T H.264, 7.3.2.1.1; progressive, 4:2:0. */
function encode(set: ParameterSet): Uint8Array {
  let bits = '';
  const flag = (value: boolean) => (bits += value ? '1' : '0');
  const golomb = (value: number) => {
    const code = (value + 1).toString(2);
    bits += '0'.repeat(code.length - 1) + code;
  };
  const signed = (value: number) => golomb(value > 0 ? 2 * value - 1 : -2 * value);
  golomb(0);
  if (set.profile === 100) {
    [1, 0, 0].forEach(golomb);
    flag(false);
    flag(set.scalingLists !== null);
    set.scalingLists?.forEach((list, index) => {
      flag(list !== null);
      if (list === null) return;
      let last = 8;
      for (const delta of list.slice(0, index < 6 ? 16 : 64)) {
        signed(delta);
        last = (last + delta + 256) % 256;
        if (last === 0) break;
      }
    });
  }
  golomb(4);
  if (set.offsetsPerCycle === null) {
    golomb(0);
    golomb(2);
  } else {
    golomb(1);
    flag(true);
    signed(-3);
    signed(5);
    golomb(set.offsetsPerCycle.length);
    set.offsetsPerCycle.forEach(signed);
  }
  golomb(3);
  flag(false);
  golomb(set.widthInBlocks - 1);
  golomb(set.heightInBlocks - 1);
  flag(true);
  flag(true);
  flag(true);
  [0, set.cropRight, 0, set.cropBottom].forEach(golomb);
  flag(false);
  bits += '1';
  const payload = [
    set.profile,
    0,
    40,
    ...(bits.match(/.{1,8}/g) ?? []).map((b) => parseInt(b.padEnd(8, '0'), 2)),
  ];
  return Uint8Array.from([0x67, ...withEmulationPrevention(payload)]);
}

function withEmulationPrevention(bytes: number[]): number[] {
  const escaped: number[] = [];
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros === 2 && byte <= 3) {
      escaped.push(3);
      zeros = 0;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    escaped.push(byte);
  }
  return escaped;
}
