import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The supported version: configuration, API and behaviour are tested against it. */
export const mediaMtxVersion = '1.20.1';

export type FindMediaMtxOptions = {
  /** MEDIAMTX_BIN, if set. */
  configured?: string | undefined;
  /** PATH. */
  searchPath?: string | undefined;
  /** The search for `.tools/bin/mediamtx` starts here and goes upwards: the current folder. */
  startFolder: string;
};

/**
 * Finds the MediaMTX binary: the configured one, or that of the checkout, or one on the PATH. Throws an error with the
 * remedy if it is missing or has another version.
 */
export async function findMediaMtx(options: FindMediaMtxOptions): Promise<string> {
  if (options.configured !== undefined && options.configured !== '') {
    const binary = resolve(options.startFolder, options.configured);
    if (!(await isExecutable(binary))) {
      throw new Error(`MEDIAMTX_BIN is ${binary}, which is not an executable file: correct or unset it`);
    }
    await checkVersion(binary);
    return binary;
  }
  for (const candidate of candidates(options)) {
    if (!(await isExecutable(candidate))) continue;
    await checkVersion(candidate);
    return candidate;
  }
  throw new Error(
    `MediaMTX is not installed: run 'make setup', or set MEDIAMTX_BIN to MediaMTX ${mediaMtxVersion}`,
  );
}

function* candidates({ searchPath, startFolder }: FindMediaMtxOptions): Generator<string> {
  for (let folder = resolve(startFolder), previous = ''; folder !== previous; folder = dirname(folder)) {
    yield join(folder, '.tools', 'bin', 'mediamtx');
    previous = folder;
  }
  for (const folder of (searchPath ?? '').split(delimiter)) {
    if (folder !== '') yield join(folder, 'mediamtx');
  }
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function checkVersion(binary: string): Promise<void> {
  let version: string;
  try {
    const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: 5000, maxBuffer: 4096 });
    version = stdout.trim().replace(/^v/, '');
  } catch (cause) {
    throw new Error(`${binary} cannot be run: run 'make setup', or correct MEDIAMTX_BIN`, { cause });
  }
  if (version !== mediaMtxVersion) {
    throw new Error(
      `${binary} is MediaMTX '${version.slice(0, 40)}', but ${mediaMtxVersion} is required: run 'make setup', or set MEDIAMTX_BIN to that version`,
    );
  }
}
