import { readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const pollIntervalMs = 20;
const endDeadlineMs = 10_000;

/**
 * Stops a server that an earlier process left on this folder, and removes a `postmaster.pid` whose server has exited. PostgreSQL
 * itself would refuse to start if its process id now belonged to any other process of the user, which is usual in
 * containers. Call it only while holding the folder lock.
 */
export async function endStaleServer(cluster: string, signal: AbortSignal): Promise<void> {
  const pid = readServerPid(cluster);
  if (pid === undefined) return;
  const deadline = performance.now() + endDeadlineMs;
  for (let asked = false; isServerOf(pid, cluster); asked = true) {
    signal.throwIfAborted();
    if (performance.now() > deadline) {
      throw new Error(`process ${pid} of an earlier run still uses ${cluster}`);
    }
    if (!asked) process.kill(pid, 'SIGQUIT');
    await delay(pollIntervalMs, undefined, { signal });
  }
  rmSync(join(cluster, 'postmaster.pid'), { force: true });
}

function readServerPid(cluster: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** A server's working folder is its cluster; without /proc only the process id is known. */
function isServerOf(pid: number, cluster: string): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === cluster;
  } catch {
    return false;
  }
}
