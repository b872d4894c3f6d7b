import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const ownerSchema = z.object({ pid: z.int().positive(), startedAt: z.string(), nonce: z.string() });
type Owner = z.infer<typeof ownerSchema>;

export class FolderInUseError extends Error {
  constructor(lockFile: string, owner: Owner) {
    super(
      `the database folder is in use by process ${owner.pid} (lock file ${lockFile}): ` +
        'stop that process, set DATA_DIR to another folder, or use DATABASE_URL to share one database',
    );
    this.name = 'FolderInUseError';
  }
}

/**
 * Acquires a lock file that holds the owner's process id. PostgreSQL's own `postmaster.pid` comes too late: before the
 * server starts, its folder is created or an earlier database imported. A lock whose owner has ended is replaced. The
 * owner's start time is compared too, because the runs of a container reuse the same few process ids.
 *
 * @returns a function that releases the lock; safe to call twice
 * @throws FolderInUseError while another process, or another database in this one, holds it
 */
export function lockFolder(lockFile: string): () => void {
  mkdirSync(dirname(lockFile), { recursive: true });
  const own: Owner = { pid: process.pid, startedAt: startOf(process.pid), nonce: randomUUID() };
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      writeFileSync(lockFile, JSON.stringify(own), { flag: 'wx', mode: 0o600 });
      return () => {
        if (readOwner(lockFile)?.nonce === own.nonce) rmSync(lockFile, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = readOwner(lockFile);
    if (owner && isAlive(owner)) throw new FolderInUseError(lockFile, owner);
    moveAside(lockFile, owner?.nonce, own.nonce);
  }
  throw new Error(`the lock file ${lockFile} could not be acquired: remove it if no Camplane is running`);
}

/** Renames a stale lock away; restores it if another process has replaced it meanwhile. */
function moveAside(lockFile: string, staleNonce: string | undefined, suffix: string): void {
  const aside = `${lockFile}.${suffix}`;
  try {
    renameSync(lockFile, aside);
  } catch {
    return; // Removed meanwhile; the next attempt sees the current state.
  }
  const moved = readOwner(aside);
  if (moved && moved.nonce !== staleNonce && isAlive(moved)) renameSync(aside, lockFile);
  else rmSync(aside, { force: true });
}

function readOwner(lockFile: string): Owner | undefined {
  try {
    const parsed = ownerSchema.safeParse(JSON.parse(readFileSync(lockFile, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return startOf(owner.pid) === owner.startedAt;
}

/** Start time of a process in clock ticks since boot: field 22 of /proc/PID/stat, proc(5); empty without /proc. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in parentheses, which may contain spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
