export type TimestampSmoother = {
  /**
   * The timestamp to send in place of the one received.
   *
   * @param startsUnit whether the packet belongs to another access unit than the one before
   * @param isReordered whether pictures may be sent out of order, so that timestamps go back a little
   */
  smooth(timestamp: number, nowMs: number, options: { startsUnit: boolean; isReordered: boolean }): number;
  /** Times that a jump was bridged. */
  readonly jumps: number;
};

/** A larger step forwards than the time that passed since the last packet is a jump. */
const forwardMaxMs = 10_000;
/** Pictures out of order are at most so far apart. */
const reorderMaxMs = 1000;
/** A clock is wrong if it is off by this factor, to the same side, in each of some consecutive windows. */
const clockFactor = 1.5;
const clockWindowMs = 5000;
const clockWindows = 3;

/**
 * Keeps the 32-bit RTP timestamps of one track monotonic and near real time (RFC 3550, 5.1). A jump of the camera's
 * clock is bridged by the time between the arrivals. A wrap of 32 bits is not a jump. If the clock stands still or runs at
 * a wrong rate, arrival times take its place.
 */
export function createTimestampSmoother(clockRate: number): TimestampSmoother {
  const ticks = (ms: number) => Math.round((ms * clockRate) / 1000);
  let last: { received: number; sent: number; nowMs: number } | undefined;
  let highest = 0;
  /** From a received timestamp to the one that is sent. */
  let offset = 0;
  let jumps = 0;
  let arrival: { sent: number; nowMs: number } | undefined;
  let window: { received: number; nowMs: number; isJumped: boolean } | undefined;
  /** Consecutive windows in which the clock was too fast (positive) or too slow. */
  let wrongWindows = 0;

  function advance(sent: number): number {
    const next = sent >>> 0;
    if (signed(next - highest) > 0) highest = next;
    return next;
  }

  function bridge(nowMs: number, lastMs: number): number {
    return highest + Math.max(1, ticks(Math.min(nowMs - lastMs, forwardMaxMs)));
  }

  function jump(timestamp: number, nowMs: number, lastMs: number): number {
    jumps += 1;
    if (window) window.isJumped = true;
    const sent = bridge(nowMs, lastMs);
    offset = sent - timestamp;
    return sent;
  }

  function checkClock(received: number, nowMs: number): void {
    window ??= { received, nowMs, isJumped: false };
    const passedMs = nowMs - window.nowMs;
    if (passedMs < clockWindowMs) return;
    const ratio = (signed(received - window.received) * 1000) / clockRate / passedMs;
    const side = window.isJumped ? 0 : ratio > clockFactor ? 1 : ratio < 1 / clockFactor ? -1 : 0;
    wrongWindows = side === 0 || Math.sign(wrongWindows) === -side ? side : wrongWindows + side;
    window = { received, nowMs, isJumped: false };
    if (Math.abs(wrongWindows) < clockWindows) return;
    jumps += 1;
    arrival = { sent: highest, nowMs };
  }

  return {
    smooth: (timestamp, nowMs, { startsUnit, isReordered }) => {
      if (!last) {
        last = { received: timestamp, sent: timestamp, nowMs };
        highest = timestamp;
        return timestamp;
      }
      if (!startsUnit) return last.sent;
      const step = signed(timestamp - last.received);
      let sent: number;
      if (arrival) {
        sent = arrival.sent + ticks(nowMs - arrival.nowMs);
        if (signed((sent >>> 0) - highest) <= 0) sent = highest + 1;
      } else if (
        step < -ticks(isReordered ? reorderMaxMs : 0) ||
        step > ticks(nowMs - last.nowMs + forwardMaxMs)
      ) {
        sent = jump(timestamp, nowMs, last.nowMs);
      } else if (step === 0) {
        // Another picture with the timestamp of the last.
        sent = bridge(nowMs, last.nowMs);
      } else {
        sent = timestamp + offset;
        if (!isReordered && signed((sent >>> 0) - highest) <= 0) sent = highest + 1;
      }
      if (!arrival) checkClock(timestamp, nowMs);
      last = { received: timestamp, sent: advance(sent), nowMs };
      return last.sent;
    },
    get jumps() {
      return jumps;
    },
  };
}

/** The difference of two 32-bit values, as a signed one. */
function signed(difference: number): number {
  return difference | 0;
}
