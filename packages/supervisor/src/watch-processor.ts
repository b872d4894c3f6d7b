import { readFileSync } from 'node:fs';
import { addProcessorSample, exceedsCores } from './processor-use.ts';
import type { ProcessorSample } from './processor-use.ts';

export type ProcessorLimit = {
  coresMax: number;
  /** The use is averaged over this time; 30 s by default. */
  windowMs?: number;
};

/** More processor time than allowed: cores on average over `windowMs`. */
export type ProcessorExcess = { cores: number; coresMax: number; windowMs: number };

const windowMsDefault = 30_000;
const samplesPerWindow = 6;
/** USER_HZ, the unit of times in `/proc`: 100 on every architecture that Node.js supports (proc(5), sysconf(3)). */
const tickMs = 10;

/**
 * Reads the processor time of a process six times per window, and reports once if it exceeds the limit. A limit of
 * the whole run (RLIMIT_CPU) does not suit a process that runs for months. Does nothing where `/proc` is missing.
 */
export function watchProcessor(
  pid: number,
  { coresMax, windowMs = windowMsDefault }: ProcessorLimit,
  onExcess: (excess: ProcessorExcess) => void,
): { stop(): void } {
  let samples: ProcessorSample[] = [{ atMs: performance.now(), usedMs: 0 }];
  const timer = setInterval(() => {
    const usedMs = readProcessorMs(pid);
    if (usedMs === null) return;
    const added = addProcessorSample(samples, { atMs: performance.now(), usedMs }, windowMs);
    samples = added.samples;
    if (!exceedsCores(added.cores, coresMax)) return;
    clearInterval(timer);
    onExcess({ cores: added.cores, coresMax, windowMs });
  }, windowMs / samplesPerWindow);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** User and system time of all threads of a process; null once it has ended. */
function readProcessorMs(pid: number): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name may contain spaces and parentheses. `utime` and `stime` are fields 14 and 15; the state is field 3.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return Number.isFinite(ticks) ? ticks * tickMs : null;
  } catch {
    return null;
  }
}
