import type { RelayOutput } from './relay-output.ts';
import { interleavedHeaderBytes, rewrite } from './relay-track.ts';
import type { RelayTrack } from './relay-track.ts';
import { silenceOf } from './silence.ts';
import { createSoundPauses } from './sound-pauses.ts';

export type SilenceFiller = {
  /** The timestamp to send a received packet with, or null to drop it. */
  received(timestamp: number, nowMs: number): number | null;
  /** Sends silence where sound has stopped; called repeatedly. */
  fill(nowMs: number): void;
};

/** Null for a codec whose silence is not known: its pauses remain. */
export function createSilenceFiller(track: RelayTrack, output: RelayOutput): SilenceFiller | null {
  const silence = silenceOf(track.media);
  if (!silence) return null;
  const pauses = createSoundPauses(track.clockRate, silence.ticks);
  return {
    received: (timestamp, nowMs) => pauses.received(timestamp >>> 0, nowMs),
    fill(nowMs) {
      for (const timestamp of pauses.due(nowMs)) {
        const data = Buffer.concat([packetHeaders(silence.payload.length), silence.payload]);
        const frame = { data, start: 0, end: data.length };
        rewrite(track, frame, true, timestamp);
        output.other(frame);
      }
      output.flush();
    },
  };
}

/** The headers of a packet that the camera did not send. */
function packetHeaders(payloadBytes: number): Buffer {
  const headers = Buffer.alloc(interleavedHeaderBytes + 12);
  headers[0] = 0x24;
  headers.writeUInt16BE(12 + payloadBytes, 2);
  headers[interleavedHeaderBytes] = 0x80;
  return headers;
}
