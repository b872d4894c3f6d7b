import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A version of FFmpeg for `describe.each`: the absolute path of the program. */
export type TestedFfmpeg = { name: string; command: string };

/**
 * The versions of FFmpeg that the tests run: that of the distribution, and the current one that `tools/setup.sh host`
 * links as `ffmpeg-9`. Throws if one is missing.
 */
export const testedFfmpegs: readonly TestedFfmpeg[] = ['ffmpeg', 'ffmpeg-9'].map((name) => ({
  name,
  command: programOnPath(name),
}));

function programOnPath(name: string): string {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  throw new Error(`${name} is not on the PATH: run 'make setup-host', then start the tests with make`);
}
