export type SoundPauses = {
  /** A packet has arrived: the timestamp to send it with, or null to drop it. */
  received(timestamp: number, nowMs: number): number | null;
  /** The timestamps of the packets of silence to send now; called repeatedly. */
  due(nowMs: number): number[];
};

/** Cameras send sound in chunks; a longer pause is missing sound. */
const pauseMinMs = 1000;
/** Silence ends this long before the present, so that sound which returns fits. */
const reserveMs = 100;
const packetsMax = 100;
/** Sound that returns with timestamps so far behind the silence was not late: its clock stood still. */
const lateMaxMs = 2000;

/**
 * Fills the pauses of a sound track with silence, because players and HLS wait for a track without packets. Late sound is
 * dropped, so that it stays in time with the pictures. Pure: the caller passes the time.
 */
export function createSoundPauses(clockRate: number, packetTicks: number): SoundPauses {
  const packetMs = (packetTicks * 1000) / clockRate;
  /** Where the sent sound ends, and when that is. */
  let end: { timestamp: number; atMs: number } | undefined;
  let isFilling = false;
  let offset = 0;
  return {
    received(timestamp, nowMs) {
      let sent = (timestamp + offset) >>> 0;
      const behind = end && isFilling ? (end.timestamp - sent) | 0 : 0;
      if (behind > 0) {
        if ((behind * 1000) / clockRate <= lateMaxMs) return null;
        offset = (offset + behind) | 0;
        sent = (timestamp + offset) >>> 0;
      }
      isFilling = false;
      end = { timestamp: (sent + packetTicks) >>> 0, atMs: nowMs };
      return sent;
    },
    due(nowMs) {
      if (!end || nowMs - end.atMs < (isFilling ? reserveMs : pauseMinMs)) return [];
      isFilling = true;
      const count = Math.min(packetsMax, Math.floor((nowMs - reserveMs - end.atMs) / packetMs));
      const first = end.timestamp;
      end = { timestamp: (first + count * packetTicks) >>> 0, atMs: end.atMs + count * packetMs };
      return Array.from({ length: Math.max(0, count) }, (_, n) => (first + n * packetTicks) >>> 0);
    },
  };
}
