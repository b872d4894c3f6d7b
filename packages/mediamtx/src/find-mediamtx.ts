import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The version whose configuration, API and behaviour this package is written and tested against. */
export const mediaMtxVersion = '1.20.1';

export type FindMediaMtxOptions = {
  /** MEDIAMTX_BIN, if it is set. */
  configured?: string | undefined;
  /** PATH. */
  searchPath?: string | undefined;
  /** Where to begin looking for `.tools/bin/mediamtx`, upwards: the current folder. */
  startFolder: string;
};

/**
 * The MediaMTX binary: the configured one, else the checkout's own, else one on the PATH.
 * Throws an error that says what to do if there is none, or it is of another version.
 */
export async function findMediaMtx(options: FindMediaMtxOptions): Promise<string> {
  if (options.configured !== undefined && options.configured !== '') {
    const binary = resolve(options.startFolder, options.configured);
    if (!(await isExecutable(binary))) {
      throw new Error(`MEDIAMTX_BIN names ${binary}, which is not an executable file: correct or unset it`);
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
    `MediaMTX is not installed: run 'make setup', or name a MediaMTX ${mediaMtxVersion} in MEDIAMTX_BIN`,
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
      `${binary} is MediaMTX '${version.slice(0, 40)}', but ${mediaMtxVersion} is needed: run 'make setup', or name the right one in MEDIAMTX_BIN`,
    );
  }
}
