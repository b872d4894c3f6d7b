import { createBitReader, EndOfBitsError, withoutEmulationPrevention } from './bit-reader.ts';
import type { BitReader } from './bit-reader.ts';
import type { StreamFacts } from './h264-sps.ts';

const sizeMax = 16_384;
const subLayersMax = 7;

/**
 * Size in pixels, after cropping, and whether pictures are reordered, from an H.265 sequence parameter set (ITU-T H.265,
 * 7.3.2.2). Undefined if the parameter set is incomplete or implausible.
 *
 * @param nal the NAL unit, its two header bytes included, without a start code
 */
export function h265StreamFacts(nal: Uint8Array): StreamFacts | undefined {
  if ((((nal[0] ?? 0) >> 1) & 0x3f) !== 33) return undefined;
  const bits = createBitReader(withoutEmulationPrevention(nal.subarray(2)));
  try {
    return readFacts(bits);
  } catch (error) {
    if (error instanceof EndOfBitsError) return undefined;
    throw error;
  }
}

function readFacts(bits: BitReader): StreamFacts | undefined {
  bits.unsigned(4); // sps_video_parameter_set_id
  const subLayers = bits.unsigned(3); // sps_max_sub_layers_minus1
  if (subLayers >= subLayersMax) return undefined;
  bits.unsigned(1); // sps_temporal_id_nesting
  skipProfileTierLevel(bits, subLayers);
  bits.golomb(); // id
  const chromaFormat = bits.golomb();
  if (chromaFormat === 3) bits.unsigned(1); // separate_colour_plane
  const size = { width: bits.golomb(), height: bits.golomb() };
  if (bits.unsigned(1) === 1) {
    const unitX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
    const unitY = chromaFormat === 1 ? 2 : 1;
    size.width -= unitX * (bits.golomb() + bits.golomb());
    size.height -= unitY * (bits.golomb() + bits.golomb());
  }
  const isSensible = size.width > 0 && size.height > 0 && size.width <= sizeMax && size.height <= sizeMax;
  return isSensible ? { ...size, hasBFrames: readReorderedPictures(bits, subLayers) > 0 } : undefined;
}

/** ITU-T H.265, 7.3.3. */
function skipProfileTierLevel(bits: BitReader, subLayers: number): void {
  bits.unsigned(96);
  const present: [profile: boolean, level: boolean][] = [];
  for (let i = 0; i < subLayers; i += 1) present.push([bits.unsigned(1) === 1, bits.unsigned(1) === 1]);
  if (subLayers > 0) bits.unsigned(2 * (8 - subLayers));
  for (const [profile, level] of present) bits.unsigned((profile ? 88 : 0) + (level ? 8 : 0));
}

/** sps_max_num_reorder_pics of the highest sub-layer. */
function readReorderedPictures(bits: BitReader, subLayers: number): number {
  for (let i = 0; i < 3; i += 1) bits.golomb(); // bit depths, log2_max_pic_order_cnt_lsb
  const isPerLayer = bits.unsigned(1) === 1;
  let reordered = 0;
  for (let layer = isPerLayer ? 0 : subLayers; layer <= subLayers; layer += 1) {
    bits.golomb(); // sps_max_dec_pic_buffering
    reordered = bits.golomb();
    bits.golomb(); // sps_max_latency_increase
  }
  return reordered;
}
