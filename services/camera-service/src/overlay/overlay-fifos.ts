import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type OverlayFifos = {
  decodedPath: string;
  drawnPath: string;
  /**
   * Frees a process that waits for another to open the other end: it could not hear a signal there. Afterwards
   * the FIFOs are gone, so that one that comes later fails instead of waiting.
   */
  remove(): Promise<void>;
};

/** Makes two FIFOs in a folder of their own that nobody else may enter. */
export async function createOverlayFifos(folder: string): Promise<OverlayFifos> {
  const own = await mkdtemp(join(folder, 'overlay-'));
  const paths = [join(own, 'decoded'), join(own, 'drawn')] as const;
  try {
    await promisify(execFile)('mkfifo', ['-m', '600', ...paths]);
  } catch (error) {
    await rm(own, { recursive: true, force: true });
    throw error;
  }
  return {
    decodedPath: paths[0],
    drawnPath: paths[1],
    async remove() {
      const bothEnds = paths.map((path) => openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
      await rm(own, { recursive: true, force: true });
      for (const fd of bothEnds) closeSync(fd);
    },
  };
}
