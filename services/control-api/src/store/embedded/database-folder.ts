import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { StartupError } from '@camplane/service-kit/startup-error';
import type { ChildUser } from '@camplane/supervisor/child-process';
import type { PostgresProgram } from './postgres-program.ts';

/** `DATA_DIR/postgresql`: all that belongs to PostgreSQL's user. */
export type DatabaseFolder = {
  path: string;
  /** PostgreSQL's own data folder. */
  cluster: string;
  /** Links to libraries of the npm package. */
  libraries: string;
  /** Folder of the Unix socket. */
  socket: string;
};

/** The longest path of a Unix socket that Linux takes is 107 bytes, unix(7); macOS takes 103. */
const socketPathMaxBytes = 103;
const socketName = '.s.PGSQL.5432';

export function databaseFolderIn(dataFolder: string): DatabaseFolder {
  const path = resolve(dataFolder, 'postgresql');
  const socket = join(path, 'run');
  return {
    path,
    cluster: join(path, 'data'),
    libraries: join(path, 'lib'),
    socket:
      Buffer.byteLength(join(socket, socketName)) <= socketPathMaxBytes
        ? socket
        : join(tmpdir(), `camplane-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`),
  };
}

/** Makes the folders and links for the user that PostgreSQL runs as. Idempotent. */
export function prepareDatabaseFolder(
  folder: DatabaseFolder,
  program: PostgresProgram,
  user: ChildUser | undefined,
): void {
  makePrivate(folder.path, user);
  makePrivate(folder.socket, user);
  // Kubernetes opens volumes to a group (fsGroup), which PostgreSQL refuses.
  if (existsSync(folder.cluster)) chmodSync(folder.cluster, 0o700);
  rmSync(folder.libraries, { recursive: true, force: true });
  mkdirSync(folder.libraries, { mode: 0o755 });
  for (const [name, file] of program.libraryLinks) symlinkSync(file, join(folder.libraries, name));
}

/** Removes the socket's folder if it is in the shared temporary folder. */
export function removeSocketFolder({ path, socket }: DatabaseFolder): void {
  if (!socket.startsWith(`${path}/`)) rmSync(socket, { recursive: true, force: true });
}

/** @throws StartupError if the major version of the database differs from that of the program */
export function checkMajorVersion(cluster: string, program: PostgresProgram): void {
  const version = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (version === String(program.majorVersion)) return;
  throw new StartupError(
    `the database in ${cluster} is of PostgreSQL ${version}, but ${program.postgres} is PostgreSQL ` +
      `${program.majorVersion}: name a PostgreSQL ${version} in POSTGRES_BIN, or move the data with pg_dump ` +
      'as docs/guide/database.md describes',
  );
}

function makePrivate(folder: string, user: ChildUser | undefined): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid } = lstatSync(folder);
  const own = process.getuid?.() ?? uid;
  // In the shared temporary folder another user may have created it.
  if (!lstatSync(folder).isDirectory() || (uid !== own && uid !== user?.uid)) {
    throw new StartupError(
      `${folder} belongs to user id ${uid}: remove it, or set DATA_DIR to another folder`,
    );
  }
  if (user !== undefined && uid !== user.uid) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
}
