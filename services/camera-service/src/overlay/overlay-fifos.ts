import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type SoundFifos = { decodedPath: string; timedPath: string };

export type OverlayFifos = {
  decodedPath: string;
  drawnPath: string;
  /** From the decoder, and to the encoder; null where no sound is wanted. */
  sound: SoundFifos | null;
  /**
   * Frees a process that waits for another to open the other end: it could not hear a signal there. Afterwards
   * the FIFOs are gone, so that one that comes later fails instead of waiting.
   */
  remove(): Promise<void>;
};

/** Makes two FIFOs, four with sound, in a folder of their own that nobody else may enter. */
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
