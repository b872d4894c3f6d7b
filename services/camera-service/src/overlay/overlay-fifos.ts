import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type SoundFifos = { decodedPath: string; timedPath: string };

export type OverlayFifos = {
  decodedPath: string;
  drawnPath: string;
  /** From the decoder, and to the encoder; null without sound. */
  sound: SoundFifos | null;
  /**
   * Unblocks a process that waits for the other end to open, where it cannot handle a signal. It also removes the
   * FIFOs, so that a later process fails instead of waiting.
   */
  remove(): Promise<void>;
};

/** Creates two FIFOs, four with sound, in a private folder. */
export async function createOverlayFifos(folder: string, options: { sound: boolean }): Promise<OverlayFifos> {
  const own = await mkdtemp(join(folder, 'overlay-'));
  const [decodedPath, drawnPath] = [join(own, 'decoded'), join(own, 'drawn')];
  const sound = options.sound
    ? { decodedPath: join(own, 'sound-decoded'), timedPath: join(own, 'sound-timed') }
    : null;
  const paths = [decodedPath, drawnPath, ...(sound === null ? [] : [sound.decodedPath, sound.timedPath])];
  try {
    await promisify(execFile)('mkfifo', ['-m', '600', ...paths]);
  } catch (error) {
    await rm(own, { recursive: true, force: true });
    throw error;
  }
  return {
    decodedPath,
    drawnPath,
    sound,
    async remove() {
      const bothEnds = paths.map((path) => openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
      await rm(own, { recursive: true, force: true });
      for (const fd of bothEnds) closeSync(fd);
    },
  };
}
