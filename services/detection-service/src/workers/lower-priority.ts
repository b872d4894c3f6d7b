import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

/** At 5, a thread that competes with one of niceness 0 gets about a quarter of a processor. */
const detectionNiceness = 5;

/**
 * Lowers the priority of this thread: live video and the API come first, and frames that wait too long are dropped.
 * Only Linux has priorities per thread; elsewhere nothing changes.
 */
export function lowerPriority(): void {
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), detectionNiceness);
  } catch {
    // Not Linux, or the process already has a lower priority.
  }
}
