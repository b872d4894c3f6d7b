/** What the browser has managed since the last reading. */
export type LoadReading = {
  /** Tiles that play video, and tiles that would. */
  playing: number;
  requested: number;
  /** Share of the decoded frames that were not shown in time, 0–1; null: too few frames. */
  droppedShare: number | null;
  /** Share of the time in which the page could not respond, 0–1. */
  busyShare: number;
};

/**
 * How many tiles may play video at once. The others show pictures. The number follows what this browser sustains: it
 * grows by a few tiles while playback is smooth, and falls by a quarter after two bad readings in a row. After each fall
 * it waits twice as long before it grows, so that it does not oscillate around the browser's limit.
 */
export type DecoderBudget = {
  limit: number;
  /** Readings in a row. */
  good: number;
  bad: number;
  /** Good readings that are needed to grow. */
  growAfter: number;
  /** Readings to ignore: new decoders drop frames while they start. */
  settling: number;
};

/** An average laptop decodes this many streams. */
export const firstBudget: DecoderBudget = { limit: 9, good: 0, bad: 0, growAfter: 2, settling: 0 };

const limitMin = 1;
/** The largest layout of the wall, and a second screen. */
const limitMax = 50;
const growBy = 2;
const growAfterMax = 128;
const shrinkAfter = 2;
const settleReadings = 2;

/** Between the two, a reading changes nothing. */
const bad = { droppedShare: 0.1, busyShare: 0.5 };
const good = { droppedShare: 0.03, busyShare: 0.25 };

export function nextBudget(budget: DecoderBudget, reading: LoadReading): DecoderBudget {
  if (reading.playing === 0) return { ...budget, good: 0, bad: 0 };
  if (budget.settling > 0) return { ...budget, settling: budget.settling - 1 };
  const dropped = reading.droppedShare ?? 0;
  if (dropped > bad.droppedShare || reading.busyShare > bad.busyShare) {
    const inSuccession = budget.bad + 1;
    if (inSuccession < shrinkAfter) return { ...budget, good: 0, bad: inSuccession };
    return shrink(budget, reading.playing);
  }
  if (dropped >= good.droppedShare || reading.busyShare >= good.busyShare) {
    return { ...budget, good: 0, bad: 0 };
  }
  const inSuccession = budget.good + 1;
  const isUsedUp = reading.playing >= budget.limit && reading.requested > budget.limit;
  if (inSuccession < budget.growAfter || !isUsedUp) return { ...budget, good: inSuccession, bad: 0 };
  const limit = Math.min(limitMax, budget.limit + growBy);
  return { ...budget, limit, good: 0, bad: 0, settling: settleReadings };
}

function shrink(budget: DecoderBudget, playing: number): DecoderBudget {
  return {
    limit: Math.max(limitMin, Math.floor(Math.min(budget.limit, playing) * 0.75)),
    good: 0,
    bad: 0,
    growAfter: Math.min(growAfterMax, budget.growAfter * 2),
    settling: settleReadings,
  };
}
