import { createBitReader, EndOfBitsError, withoutEmulationPrevention } from './bit-reader.ts';
import type { BitReader } from './bit-reader.ts';

/** What a sequence parameter set states. */
export type StreamFacts = {
  width: number;
  height: number;
  /** Null: it allows pictures out of order, or does not say. */
  hasBFrames: boolean | null;
};

/** Profiles whose parameter sets contain the chroma format (ITU-T H.264, 7.3.2.1.1). */
const profilesWithChroma = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const sizeMax = 16_384;

/**
 * Size in pixels, after cropping, and whether B-frames are excluded, from an H.264 sequence parameter set (ITU-T H.264,
 * 7.3.2.1.1 and 7.4.2.1.1). Undefined if the parameter set is incomplete or implausible.
 *
 * @param nal the NAL unit, its header byte included, without a start code
 */
export function h264StreamFacts(nal: Uint8Array): StreamFacts | undefined {
  if (((nal[0] ?? 0) & 0x1f) !== 7) return undefined;
  const bits = createBitReader(withoutEmulationPrevention(nal.subarray(1)));
  try {
    return readFacts(bits);
  } catch (error) {
    if (error instanceof EndOfBitsError) return undefined;
    throw error;
  }
}

const baselineProfile = 66;

function readFacts(bits: BitReader): StreamFacts | undefined {
  const profile = bits.unsigned(8);
  bits.unsigned(16); // constraint flags, level
  bits.golomb(); // id
  const chromaArrayType = profilesWithChroma.has(profile) ? readChroma(bits) : 1;
  bits.golomb(); // log2_max_frame_num
  const isInOrder = readPictureOrderCount(bits) === 2;
  bits.golomb(); // max_num_ref_frames
  bits.unsigned(1); // gaps_in_frame_num_value_allowed
  const size = readSize(bits, chromaArrayType);
  if (!size) return undefined;
  const excludesBFrames = profile === baselineProfile || isInOrder || readReorderedFrames(bits) === 0;
  return { ...size, hasBFrames: excludesBFrames ? false : null };
}

function readSize(bits: BitReader, chromaArrayType: number): { width: number; height: number } | undefined {
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

/** max_num_reorder_frames (ITU-T H.264, E.1.1); undefined if it is not stated. */
function readReorderedFrames(bits: BitReader): number | undefined {
  try {
    if (bits.unsigned(1) === 0) return undefined; // vui_parameters_present
    if (bits.unsigned(1) === 1 && bits.unsigned(8) === 255) bits.unsigned(32); // sample aspect ratio
    if (bits.unsigned(1) === 1) bits.unsigned(1); // overscan
    if (bits.unsigned(1) === 1) {
      bits.unsigned(4); // video_format, video_full_range
      if (bits.unsigned(1) === 1) bits.unsigned(24); // colour description
    }
    if (bits.unsigned(1) === 1) {
      bits.golomb(); // chroma_sample_loc_type_top_field
      bits.golomb(); // chroma_sample_loc_type_bottom_field
    }
    if (bits.unsigned(1) === 1) bits.unsigned(65); // timing
    const hasNalBuffering = skipBufferingModel(bits);
    const hasVclBuffering = skipBufferingModel(bits);
    if (hasNalBuffering || hasVclBuffering) bits.unsigned(1); // low_delay_hrd
    bits.unsigned(1); // pic_struct_present
    if (bits.unsigned(1) === 0) return undefined; // bitstream_restriction
    bits.unsigned(1); // motion_vectors_over_pic_boundaries
    for (let i = 0; i < 4; i += 1) bits.golomb();
    return bits.golomb();
  } catch (error) {
    if (error instanceof EndOfBitsError) return undefined;
    throw error;
  }
}

/** ITU-T H.264, E.1.2. Returns whether it is present. */
function skipBufferingModel(bits: BitReader): boolean {
  if (bits.unsigned(1) === 0) return false;
  const count = bits.golomb() + 1;
  bits.unsigned(8); // scales
  for (let i = 0; i < Math.min(count, 32); i += 1) {
    bits.golomb();
    bits.golomb();
    bits.unsigned(1);
  }
  bits.unsigned(20); // lengths
  return true;
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

/** Returns pic_order_cnt_type: 2 means that output order is decoding order. */
function readPictureOrderCount(bits: BitReader): number {
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
  return type;
}
