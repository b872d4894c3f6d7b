import type { RelayFrame } from './relay-output.ts';
import type { DescribedMedia } from './sdp.ts';
import { createTimestampSmoother } from './timestamp-smoother.ts';
import type { TimestampSmoother } from './timestamp-smoother.ts';

/** A track of the camera, as FFmpeg gets it. */
export type RelayTrack = {
  media: DescribedMedia;
  isVideo: boolean;
  smoother: TimestampSmoother;
  clockRate: number;
  /** Of the last packet received. */
  lastTimestamp: number | undefined;
  sequence: number;
  outChannel: number;
};

export const interleavedHeaderBytes = 4;

export function createTrack(media: DescribedMedia, isVideo: boolean): RelayTrack {
  const clockRate = media.mapping?.clockRate ?? 90_000;
  return {
    media,
    isVideo,
    smoother: createTimestampSmoother(clockRate),
    clockRate,
    lastTimestamp: undefined,
    sequence: 0,
    outChannel: isVideo ? 0 : 2,
  };
}

/** Rewrites the headers of a frame in place (RFC 2326, 10.12; RFC 3550, 5.1). */
export function rewrite(
  track: RelayTrack,
  { data, start }: RelayFrame,
  isMarked: boolean,
  timestamp: number,
): void {
  track.sequence = (track.sequence + 1) & 0xffff;
  const [payloadType = 96] = track.media.payloadTypes;
  data[start + 1] = track.outChannel;
  data[start + 5] = (isMarked ? 0x80 : 0) | payloadType;
  data.writeUInt16BE(track.sequence, start + 6);
  data.writeUInt32BE(timestamp, start + 8);
  data.writeUInt32BE(ssrcOf(track), start + 12);
}

/** One source per track, also when the camera changes its own. */
export function ssrcOf(track: RelayTrack): number {
  return track.isVideo ? 1 : 2;
}
