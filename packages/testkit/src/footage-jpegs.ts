import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFootage } from '@camplane/camera-simulator/footage';
import { createTemporaryFolder } from './temporary-folder.ts';

/** JPEG frames of the installed footage as the tap produces them: 640 pixels wide, and 480 high without `crop`. */
export async function footageJpegs(part: {
  fromSeconds?: number;
  seconds: number;
  fps: number;
  /** The centre `width:height` of its 768×576 pixels. */
  crop?: string;
}): Promise<Uint8Array[]> {
  const footage = await findFootage();
  if (footage === null) throw new Error("the footage of opencv-doc is not installed: run 'make setup-test'");
  const folder = await createTemporaryFolder();
  try {
    const input = ['-ss', String(part.fromSeconds ?? 0), '-t', String(part.seconds), '-i', footage];
    const crop = part.crop === undefined ? '' : `crop=${part.crop},`;
    const output = ['-vf', `fps=${part.fps},${crop}scale=640:-2`, '-q:v', '4'];
    await promisify(execFile)('ffmpeg', [
      ...['-v', 'error', ...input],
      ...[...output, join(folder.path, '%05d.jpg')],
    ]);
    const names = (await readdir(folder.path)).sort();
    return await Promise.all(names.map((name) => readFile(join(folder.path, name))));
  } finally {
    await folder.remove();
  }
}
