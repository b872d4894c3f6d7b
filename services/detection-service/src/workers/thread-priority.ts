import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

/** Above 0, others come first; at 5 a thread that competes with one of 0 has a quarter of a processor. */
const detectionNiceness = 5;

/**
 * Lets this thread stand behind others where processors are short: live video and the API come first, and a frame
 * that waits is dropped by rule. Linux gives each thread a priority of its own; elsewhere nothing is changed.
 */
export function standBack(): void {
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), detectionNiceness);
  } catch {
    // A platform without it, or a process that already stands further back: detection works all the same.
  }
}
