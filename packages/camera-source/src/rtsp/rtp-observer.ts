import type { SourceReport } from '../source-report.ts';
import { h265StreamFacts } from './h265-sps.ts';
import { readH264, readH265 } from './nal-units.ts';
import type { NalReader } from './nal-units.ts';
import type { RtpPacket } from './rtp-packet.ts';

export type PacketObservation = {
  /** The packet belongs to another access unit than the one before. */
  startsUnit: boolean;
  /** It shows that decoding can start at this unit; true for one packet of a unit. */
  isKeyFrame: boolean;
  /** It shows that decoding becomes complete some pictures later: intra refresh. */
  isRecoveryPoint: boolean;
};

export type VideoObserver = {
  observe(data: Buffer, packet: RtpPacket, nowMs: number): PacketObservation;
  /** Parameter sets seen in the stream, the last of each type, in the order of their types. */
  parameterSets(): Buffer[];
  readonly recoveryPoints: number;
  readonly hasBFrames: boolean | null;
  /** Of MJPEG pictures, from their packets (RFC 2435, 3.1); null if unknown or above 2040 pixels. */
  readonly size: { width: number; height: number } | null;
  report(): Pick<
    SourceReport,
    'pictures' | 'keyFrames' | 'fps' | 'keyFrameIntervalMs' | 'hasBFrames' | 'firstKeyFrameMs'
  >;
};

/** Pictures over which the rate is measured, and after which missing B-frames count as none. */
const windowPictures = 64;
const parameterSetMaxBytes = 1024;
/** NAL unit type (ITU-T H.265, table 7-1). */
const h265SequenceSet = 33;

/** Observes the video packets of one track (H.264, H.265, MJPEG, MPEG-4; of other codecs pictures alone). */
export function createVideoObserver(codec: string): VideoObserver {
  const readNals = codec === 'h264' ? readH264 : codec === 'h265' ? readH265 : undefined;
  const sets = new Map<number, Buffer>();
  const arrivalsMs: number[] = [];
  let lastTimestamp: number | undefined;
  let lastMarker = false;
  let unit = { hasSlice: false, isKeyFrame: false, isRecoveryPoint: false, isCounted: false };
  let pictures = 0;
  let keyFrames = 0;
  let recoveryPoints = 0;
  let firstKeyFrameMs: number | null = null;
  let lastKeyFrameMs: number | undefined;
  let keyFrameIntervalMs: number | null = null;
  let bSlices = 0;
  /** Stated by the latest parameter set of H.265. */
  let reordersPictures: boolean | null = null;
  let size: { width: number; height: number } | null = null;

  function observe(data: Buffer, packet: RtpPacket, nowMs: number): PacketObservation {
    const isNewTime = packet.timestamp !== lastTimestamp;
    lastTimestamp = packet.timestamp;
    const seen = readNals ? readPayload(readNals, data, packet) : readOther(codec, data, packet, isNewTime);
    // Timestamps that stand still: the marker ends a unit, but some cameras set it in each slice.
    const startsUnit = isNewTime || (lastMarker && unit.hasSlice && seen.startsPicture);
    lastMarker = packet.marker;
    if (codec === 'mjpeg' && seen.startsPicture && size === null) size = jpegSize(data, packet);
    if (startsUnit) unit = { hasSlice: false, isKeyFrame: false, isRecoveryPoint: false, isCounted: false };
    unit.hasSlice ||= seen.hasSlice;
    if (seen.isBSlice) bSlices += 1;
    if (seen.startsPicture && !unit.isCounted) countPicture(nowMs);
    const isKeyFrame = seen.isKeyFrame && !unit.isKeyFrame;
    if (isKeyFrame) countKeyFrame(nowMs);
    const isRecoveryPoint = seen.isRecoveryPoint && !unit.isRecoveryPoint;
    if (isRecoveryPoint) {
      unit.isRecoveryPoint = true;
      recoveryPoints += 1;
    }
    return { startsUnit, isKeyFrame, isRecoveryPoint };
  }

  function readPayload(read: NalReader, data: Buffer, packet: RtpPacket) {
    return read(data, packet.payloadStart, packet.payloadEnd, (type, nal) => {
      if (nal.length <= parameterSetMaxBytes && sets.get(type)?.equals(nal) !== true) {
        sets.set(type, Buffer.from(nal));
        if (codec === 'h265' && type === h265SequenceSet) {
          reordersPictures = h265StreamFacts(nal)?.hasBFrames ?? null;
        }
      }
    });
  }

  function countPicture(nowMs: number): void {
    unit.isCounted = true;
    pictures += 1;
    arrivalsMs.push(nowMs);
    if (arrivalsMs.length > windowPictures) arrivalsMs.shift();
  }

  function countKeyFrame(nowMs: number): void {
    unit.isKeyFrame = true;
    keyFrames += 1;
    if (lastKeyFrameMs !== undefined) keyFrameIntervalMs = Math.round(nowMs - lastKeyFrameMs);
    firstKeyFrameMs ??= nowMs;
    lastKeyFrameMs = nowMs;
  }

  function fps(): number | null {
    const spanMs = (arrivalsMs.at(-1) ?? 0) - (arrivalsMs[0] ?? 0);
    return spanMs < 500 ? null : Math.round(((arrivalsMs.length - 1) * 10_000) / spanMs) / 10;
  }

  function hasBFrames(): boolean | null {
    if (codec === 'h265') return reordersPictures;
    if (codec !== 'h264') return false;
    return bSlices > 0 ? true : pictures > windowPictures ? false : null;
  }

  return {
    observe,
    parameterSets: () => [...sets].sort(([a], [b]) => a - b).map(([, set]) => set),
    get hasBFrames() {
      return hasBFrames();
    },
    get size() {
      return size;
    },
    get recoveryPoints() {
      return recoveryPoints;
    },
    report: () => ({
      pictures,
      keyFrames,
      fps: fps(),
      keyFrameIntervalMs,
      hasBFrames: hasBFrames(),
      firstKeyFrameMs,
    }),
  };
}

/** RFC 2435, 3.1. */
const jpegHeaderBytes = 8;
const vopStart = Buffer.from([0, 0, 1, 0xb6]);

function jpegSize(data: Buffer, { payloadStart }: RtpPacket): { width: number; height: number } | null {
  const width = 8 * (data[payloadStart + 6] ?? 0);
  const height = 8 * (data[payloadStart + 7] ?? 0);
  return width > 0 && height > 0 ? { width, height } : null;
}

function readOther(codec: string, data: Buffer, packet: RtpPacket, isNewTime: boolean) {
  const seen = {
    startsPicture: isNewTime,
    hasSlice: true,
    isKeyFrame: isNewTime,
    isRecoveryPoint: false,
    isBSlice: false,
  };
  if (codec === 'mjpeg' && packet.payloadEnd - packet.payloadStart >= jpegHeaderBytes) {
    // The fragment offset is 0 at the start of a picture (RFC 2435, 3.1.2).
    seen.startsPicture = data.readUIntBE(packet.payloadStart + 1, 3) === 0;
    seen.isKeyFrame = seen.startsPicture;
  }
  if (codec === 'mpeg4') {
    // vop_coding_type 0 is an intra picture (ISO 14496-2, 6.2.5).
    const vop = data.subarray(packet.payloadStart, packet.payloadEnd).indexOf(vopStart);
    seen.startsPicture = vop >= 0;
    seen.isKeyFrame = vop >= 0 && (data[packet.payloadStart + vop + 4] ?? 0xff) >> 6 === 0;
  }
  return seen;
}
