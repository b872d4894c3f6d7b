import { execFile } from 'node:child_process';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A small tmpfs, to test a full disk. */
export async function mountSmallDisk(bytes: number): Promise<{ path: string; unmount(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'camplane-small-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path]);
  } catch (error) {
    await rmdir(path);
    throw new Error('the test of a full disk mounts a tmpfs, which needs root and CAP_SYS_ADMIN', {
      cause: error,
    });
  }
  return {
    path,
    unmount: async () => {
      await run('umount', ['--lazy', path]);
      await rmdir(path);
    },
  };
}
