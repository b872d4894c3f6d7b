/** Processor time that a process has used, in milliseconds of one core, at a time of a monotonic clock. */
export type ProcessorSample = { atMs: number; usedMs: number };

/**
 * Adds a sample to the earlier ones, oldest first, and drops those that the window no longer needs.
 *
 * @returns `cores`: average use since the sample that is at least `windowMs` old; null before the window has passed once
 */
export function addProcessorSample(
  earlier: readonly ProcessorSample[],
  sample: ProcessorSample,
  windowMs: number,
): { samples: ProcessorSample[]; cores: number | null } {
  const all = [...earlier, sample];
  const first = all.findLastIndex(({ atMs }) => sample.atMs - atMs >= windowMs);
  const oldest = all[first];
  if (!oldest) return { samples: all, cores: null };
  return {
    samples: all.slice(first),
    cores: (sample.usedMs - oldest.usedMs) / (sample.atMs - oldest.atMs),
  };
}

/** To a tenth of a core: a process that a cgroup throttles to the limit does not exceed it. */
export function exceedsCores(cores: number | null, coresMax: number): cores is number {
  return cores !== null && Math.round(cores * 10) > Math.round(coresMax * 10);
}
