import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

export type FfmpegPrograms = { ffmpegPath: string; ffprobePath: string; version: string };

const oldestMajor = 5;
/** FFmpeg loads 200 libraries: after a boot, a slow disk takes several seconds. */
const versionTimeoutMs = 30_000;

/**
 * Finds FFmpeg, the configured one or else the first on the PATH, and ffprobe: the configured one, else the one beside
 * FFmpeg, else the first on the PATH. Their versions may differ. Throws an error with a remedy if one is missing, or
 * FFmpeg is too old.
 */
export async function findFfmpeg(options: {
  /** FFMPEG_BIN, if set. */
  configured: string | undefined;
  /** FFPROBE_BIN, if set. */
  configuredProbe?: string | undefined;
  /** PATH. */
  searchPath: string;
}): Promise<FfmpegPrograms> {
  const ffmpegPath = options.configured ?? (await firstOnPath('ffmpeg', options.searchPath));
  if (ffmpegPath === undefined) {
    throw new Error(
      "FFmpeg is not installed: run 'apt-get install ffmpeg', or name the program in FFMPEG_BIN",
    );
  }
  await requireExecutable(ffmpegPath, 'FFMPEG_BIN');
  const ffprobePath = options.configuredProbe ?? (await findProbe(ffmpegPath, options.searchPath));
  if (ffprobePath === undefined) {
    throw new Error(
      `there is no ffprobe beside ${ffmpegPath} and none on the PATH: name the program in FFPROBE_BIN`,
    );
  }
  await requireExecutable(ffprobePath, 'FFPROBE_BIN');
  const version = /^ffmpeg version (\S+)/.exec(await versionText(ffmpegPath))?.[1] ?? '';
  // A development build has a hash instead of a version: assume that it is new enough.
  const major = /^n?(\d+)\./.exec(version)?.[1];
  if (major !== undefined && Number(major) < oldestMajor) {
    throw new Error(`${ffmpegPath} is FFmpeg ${version}, but ${oldestMajor} or newer is needed`);
  }
  return { ffmpegPath, ffprobePath, version };
}

async function versionText(ffmpegPath: string): Promise<string> {
  const options = { timeout: versionTimeoutMs };
  const { stdout } = await promisify(execFile)(ffmpegPath, ['-version'], options).catch((cause: unknown) => {
    throw new Error(`'${ffmpegPath} -version' failed: reinstall FFmpeg, or name another one in FFMPEG_BIN`, {
      cause,
    });
  });
  return stdout;
}

async function requireExecutable(program: string, variable: string): Promise<void> {
  if (!(await isExecutable(program))) {
    throw new Error(`${program} is not an executable file: correct ${variable}`);
  }
}

async function findProbe(ffmpegPath: string, searchPath: string): Promise<string | undefined> {
  const beside = join(dirname(ffmpegPath), 'ffprobe');
  return (await isExecutable(beside)) ? beside : firstOnPath('ffprobe', searchPath);
}

async function firstOnPath(program: string, searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(delimiter)) {
    const file = join(folder, program);
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
