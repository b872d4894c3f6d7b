export type PictureSize = { width: number; height: number };

/** Profiles whose parameter sets contain the chroma format (ITU-T H.264, 7.3.2.1.1). */
const profilesWithChroma = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const sizeMax = 16_384;

/**
 * Size in pixels, after cropping, from an H.264 sequence parameter set (ITU-T H.264, 7.3.2.1.1 and 7.4.2.1.1).
 * Undefined if the parameter set is incomplete or implausible.
 *
 * @param nal the NAL unit, its header byte included, without a start code
 */
export function h264PictureSize(nal: Uint8Array): PictureSize | undefined {
  if (((nal[0] ?? 0) & 0x1f) !== 7) return undefined;
  const bits = createBitReader(withoutEmulationPrevention(nal.subarray(1)));
  try {
    return readPictureSize(bits);
  } catch (error) {
    if (error instanceof EndOfBitsError) return undefined;
    throw error;
  }
}

function readPictureSize(bits: BitReader): PictureSize | undefined {
  const profile = bits.unsigned(8);
  bits.unsigned(16); // constraint flags, level
  bits.golomb(); // id
  const chromaArrayType = profilesWithChroma.has(profile) ? readChroma(bits) : 1;
  bits.golomb(); // log2_max_frame_num
  skipPictureOrderCount(bits);
  bits.golomb(); // max_num_ref_frames
  bits.unsigned(1); // gaps_in_frame_num_value_allowed
  const widthInBlocks = bits.golomb() + 1;
  const heightInUnits = bits.golomb() + 1;
  const isFrameOnly = bits.unsigned(1) === 1;
  if (!isFrameOnly) bits.unsigned(1); // mb_adaptive_frame_field
  bits.unsigned(1); // direct_8x8_inference
  const crop = { left: 0, right: 0, top: 0, bottom: 0 };
  if (bits.unsigned(1) === 1) {
    crop.left = bits.golomb();
    crop.right = bits.golomb();
    crop.top = bits.golomb();
    crop.bottom = bits.golomb();
  }
  const fieldsPerFrame = isFrameOnly ? 1 : 2;
  const cropUnitX = chromaArrayType === 1 || chromaArrayType === 2 ? 2 : 1;
  const cropUnitY = (chromaArrayType === 1 ? 2 : 1) * fieldsPerFrame;
  const width = widthInBlocks * 16 - cropUnitX * (crop.left + crop.right);
  const height = heightInUnits * 16 * fieldsPerFrame - cropUnitY * (crop.top + crop.bottom);
  const isSensible = width > 0 && height > 0 && width <= sizeMax && height <= sizeMax;
  return isSensible ? { width, height } : undefined;
}

/** ChromaArrayType: 0 monochrome or separate planes, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
function readChroma(bits: BitReader): number {
  const chromaFormat = bits.golomb();
  const separatePlanes = chromaFormat === 3 && bits.unsigned(1) === 1;
  bits.golomb(); // bit_depth_luma
  bits.golomb(); // bit_depth_chroma
  bits.unsigned(1); // qpprime_y_zero_transform_bypass
  if (bits.unsigned(1) === 1) {
    for (let list = 0; list < (chromaFormat === 3 ? 12 : 8); list += 1) {
      if (bits.unsigned(1) === 1) skipScalingList(bits, list < 6 ? 16 : 64);
    }
  }
  return separatePlanes ? 0 : chromaFormat;
}

function skipScalingList(bits: BitReader, length: number): void {
  let next = 8;
  for (let i = 0, last = 8; i < length && next !== 0; i += 1) {
    next = (last + bits.signedGolomb() + 256) % 256;
    if (next !== 0) last = next;
  }
}

function skipPictureOrderCount(bits: BitReader): void {
  const type = bits.golomb();
  if (type === 0) {
    bits.golomb();
  } else if (type === 1) {
    bits.unsigned(1);
    bits.signedGolomb();
    bits.signedGolomb();
    const cycle = bits.golomb();
    for (let i = 0; i < cycle; i += 1) bits.signedGolomb();
  }
}

type BitReader = { unsigned(count: number): number; golomb(): number; signedGolomb(): number };

class EndOfBitsError extends Error {}

function createBitReader(bytes: Uint8Array): BitReader {
  let position = 0;
  const bit = () => {
    const byte = bytes[position >> 3];
    if (byte === undefined) throw new EndOfBitsError();
    const value = (byte >> (7 - (position & 7))) & 1;
    position += 1;
    return value;
  };
  const unsigned = (count: number) => {
    let value = 0;
    for (let i = 0; i < count; i += 1) value = value * 2 + bit();
    return value;
  };
  /** ue(v), ITU-T H.264, 9.1. */
  const golomb = () => {
    let zeros = 0;
    while (bit() === 0) zeros += 1;
    if (zeros > 32) throw new EndOfBitsError();
    return 2 ** zeros - 1 + unsigned(zeros);
  };
  return {
    unsigned,
    golomb,
    signedGolomb: () => {
      const code = golomb();
      return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
    },
  };
}

/** A 3 after two zero bytes only prevents start codes (ITU-T H.264, 7.4.1). */
function withoutEmulationPrevention(bytes: Uint8Array): Uint8Array {
  const plain: number[] = [];
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    plain.push(byte);
  }
  return Uint8Array.from(plain);
}
