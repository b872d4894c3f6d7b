import { createBitReader, EndOfBitsError } from './bit-reader.ts';

/** What the NAL units in one RTP payload show. */
export type NalObservation = {
  /** A slice starts the picture: its first macroblock or segment. */
  startsPicture: boolean;
  hasSlice: boolean;
  /** Decoding can start at this picture. */
  isKeyFrame: boolean;
  /** Decoding can start here and is complete some pictures later (intra refresh). */
  isRecoveryPoint: boolean;
  isBSlice: boolean;
};

export type NalReader = (
  data: Buffer,
  start: number,
  end: number,
  onParameterSet: (type: number, nal: Buffer) => void,
) => NalObservation;

type Nal = { type: number; start: number; end: number; bodyStart: number; isWhole: boolean };

/** H.264 in RTP (RFC 6184, 5.2). */
export const readH264: NalReader = (data, start, end, onParameterSet) => {
  const seen = nothingSeen();
  for (const nal of h264Nals(data, start, end)) {
    if (nal.type === 7 || nal.type === 8) {
      if (nal.isWhole) onParameterSet(nal.type, data.subarray(nal.start, nal.end));
    } else if (nal.type === 6) {
      const frames = recoveryFrames(data, nal);
      if (frames === 0) seen.isKeyFrame = true;
      else if (frames !== undefined) seen.isRecoveryPoint = true;
    } else if (nal.type >= 1 && nal.type <= 5) {
      // first_mb_in_slice is 0 if its first bit is 1.
      seen.startsPicture ||= ((data[nal.bodyStart] ?? 0) & 0x80) !== 0 && nal.type !== 3 && nal.type !== 4;
      seen.hasSlice = true;
      if (nal.type === 5) seen.isKeyFrame = true;
      else if (nal.type === 1) seen.isBSlice ||= sliceType(data, nal) % 5 === 1;
    }
  }
  return seen;
};

function h264Nals(data: Buffer, start: number, end: number): Nal[] {
  const type = (data[start] ?? 0) & 0x1f;
  if (type === 24 || type === 25) {
    return aggregated(data, start + (type === 24 ? 1 : 3), end, (at) => (data[at] ?? 0) & 0x1f, 1);
  }
  if (type === 28 || type === 29) {
    const header = data[start + 1] ?? 0;
    if ((header & 0x80) === 0) return [];
    const bodyStart = start + (type === 28 ? 2 : 4);
    return [{ type: header & 0x1f, start: bodyStart, end, bodyStart, isWhole: false }];
  }
  return [{ type, start, end, bodyStart: start + 1, isWhole: true }];
}

/** H.265 in RTP (RFC 7798, 4.4). */
export const readH265: NalReader = (data, start, end, onParameterSet) => {
  const seen = nothingSeen();
  for (const nal of h265Nals(data, start, end)) {
    if (nal.type >= 32 && nal.type <= 34) {
      if (nal.isWhole) onParameterSet(nal.type, data.subarray(nal.start, nal.end));
    } else if (nal.type === 39) {
      if (recoveryFrames(data, nal) !== undefined) seen.isRecoveryPoint = true;
    } else if (nal.type < 32) {
      // first_slice_segment_in_pic_flag
      seen.startsPicture ||= ((data[nal.bodyStart] ?? 0) & 0x80) !== 0;
      seen.hasSlice = true;
      if (nal.type >= 16 && nal.type <= 23) seen.isKeyFrame = true;
    }
  }
  return seen;
};

function h265Nals(data: Buffer, start: number, end: number): Nal[] {
  const typeAt = (at: number) => ((data[at] ?? 0) >> 1) & 0x3f;
  const type = typeAt(start);
  if (type === 48) return aggregated(data, start + 2, end, typeAt, 2);
  if (type === 49) {
    const header = data[start + 2] ?? 0;
    if ((header & 0x80) === 0) return [];
    return [{ type: header & 0x3f, start: start + 3, end, bodyStart: start + 3, isWhole: false }];
  }
  return [{ type, start, end, bodyStart: start + 2, isWhole: true }];
}

function aggregated(
  data: Buffer,
  start: number,
  end: number,
  typeAt: (at: number) => number,
  headerBytes: number,
): Nal[] {
  const nals: Nal[] = [];
  for (let at = start; at + 2 < end;) {
    const nalStart = at + 2;
    const nalEnd = nalStart + data.readUInt16BE(at);
    if (nalEnd > end) break;
    nals.push({
      type: typeAt(nalStart),
      start: nalStart,
      end: nalEnd,
      bodyStart: nalStart + headerBytes,
      isWhole: true,
    });
    at = nalEnd;
  }
  return nals;
}

function nothingSeen(): NalObservation {
  return {
    startsPicture: false,
    hasSlice: false,
    isKeyFrame: false,
    isRecoveryPoint: false,
    isBSlice: false,
  };
}

/** slice_type (ITU-T H.264, 7.3.3); 0 if it cannot be read. */
function sliceType(data: Buffer, nal: Nal): number {
  return golombs(data, nal.bodyStart, nal.end, 2)[1] ?? 0;
}

/** recovery_frame_cnt of a recovery point message (ITU-T H.264, D.1.8); undefined without one. */
function recoveryFrames(data: Buffer, nal: Nal): number | undefined {
  for (let at = nal.bodyStart; at + 2 < nal.end;) {
    const sum = () => {
      let value = 0;
      while (data[at] === 0xff && at < nal.end) {
        value += 255;
        at += 1;
      }
      return value + (data[at++] ?? 0);
    };
    const type = sum();
    const size = sum();
    if (type === 6) return golombs(data, at, nal.end, 1)[0];
    at += size;
  }
  return undefined;
}

function golombs(data: Buffer, start: number, end: number, count: number): number[] {
  const bits = createBitReader(data.subarray(start, Math.min(end, start + 12)));
  const values: number[] = [];
  try {
    while (values.length < count) values.push(bits.golomb());
  } catch (error) {
    if (!(error instanceof EndOfBitsError)) throw error;
  }
  return values;
}
