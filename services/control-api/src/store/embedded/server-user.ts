import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StartupError } from '@camplane/service-kit/startup-error';
import type { ChildUser } from '@camplane/supervisor/child-process';

/** Bits of capability sets, linux/capability.h: to enter any folder, or to pass every file permission. */
const capabilities = [
  ['dac_read_search', 2],
  ['dac_override', 1],
] as const;

/**
 * The user that PostgreSQL runs as, which refuses to run as root. Undefined for this process's own user.
 *
 * As root it is the owner of the database folder, else of the data folder, else `nobody`. Where a parent folder
 * refuses that user (a checkout in /root), PostgreSQL keeps the one capability to enter it.
 *
 * @param entered folders and files that PostgreSQL must reach
 * @throws StartupError when root runs this without a user or capability that would do
 */
export function chooseServerUser(options: {
  databaseFolder: string;
  dataFolder: string;
  entered: readonly string[];
}): ChildUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user = ownerOf(options.databaseFolder) ?? ownerOf(options.dataFolder) ?? userNamed('nobody');
  if (user === undefined) {
    throw new StartupError(
      'PostgreSQL does not run as root, and this system has no user `nobody`: ' +
        'run Camplane as another user, give DATA_DIR to one with chown, or set DATABASE_URL',
    );
  }
  const closed = options.entered.map((path) => closedParent(path, user)).find((path) => path !== undefined);
  if (closed === undefined) return user;
  const capability = capabilities.find(([, bit]) => hasCapability(bit))?.[0];
  if (capability === undefined) {
    throw new StartupError(
      `PostgreSQL does not run as root, and user id ${user.uid} may not enter ${closed}: ` +
        `run Camplane as another user, allow it with \`chmod o+x ${closed}\`, or set DATABASE_URL`,
    );
  }
  return { ...user, capability };
}

function ownerOf(folder: string): ChildUser | undefined {
  if (!existsSync(folder)) return undefined;
  const { uid, gid } = statSync(folder);
  return uid === 0 ? undefined : { uid, gid };
}

function userNamed(name: string): ChildUser | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** The nearest folder above `path` that the user may not enter. */
function closedParent(path: string, { uid, gid }: ChildUser): string | undefined {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const stats = statSync(folder, { throwIfNoEntry: false });
    if (stats !== undefined) {
      const shift = stats.uid === uid ? 6 : stats.gid === gid ? 3 : 0;
      if (((stats.mode >> shift) & 1) === 0) return folder;
    }
    if (folder === dirname(folder)) return undefined;
  }
}

function hasCapability(bit: number): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> BigInt(bit)) & 1n) === 1n;
}
