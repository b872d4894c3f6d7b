import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

export type FfmpegPrograms = { ffmpegPath: string; ffprobePath: string; version: string };

const oldestMajor = 5;

/**
 * Finds FFmpeg and the ffprobe beside it: the configured one, else the first on the PATH. Throws an error with a
 * remedy if it is missing or too old.
 */
export async function findFfmpeg(options: {
  /** FFMPEG_BIN, if set. */
  configured: string | undefined;
  /** PATH. */
  searchPath: string;
}): Promise<FfmpegPrograms> {
  const ffmpegPath = options.configured ?? (await firstOnPath(options.searchPath));
  if (ffmpegPath === undefined) {
    throw new Error(
      "FFmpeg is not installed: run 'apt-get install ffmpeg', or name the program in FFMPEG_BIN",
    );
  }
  const ffprobePath = join(dirname(ffmpegPath), 'ffprobe');
  for (const program of [ffmpegPath, ffprobePath]) {
    if (!(await isExecutable(program)))
      throw new Error(`${program} is not an executable file: correct FFMPEG_BIN`);
  }
  const { stdout } = await promisify(execFile)(ffmpegPath, ['-version'], { timeout: 5000 });
  const version = /^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? '';
  // A development build has a hash instead of a version: assume that it is new enough.
  const major = /^n?(\d+)\./.exec(version)?.[1];
  if (major !== undefined && Number(major) < oldestMajor) {
    throw new Error(`${ffmpegPath} is FFmpeg ${version}, but ${oldestMajor} or newer is needed`);
  }
  return { ffmpegPath, ffprobePath, version };
}

async function firstOnPath(searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(delimiter)) {
    const file = join(folder, 'ffmpeg');
    if (folder !== '' && (await isExecutable(file))) return file;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
