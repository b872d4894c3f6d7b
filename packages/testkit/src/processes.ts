import { readFile, readdir } from 'node:fs/promises';
import { waitUntil } from './wait-until.ts';

export type ProcessInfo = { pid: number; parentPid: number; state: string; command: string };

/** USER_HZ, the unit of times in /proc/PID/stat: constant in Linux. */
const ticksPerSecond = 100;

/** All descendants of a process, including zombies. */
export async function descendantsOf(pid: number): Promise<ProcessInfo[]> {
  const all = await listProcesses();
  const found: ProcessInfo[] = [];
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const children = all.filter((process) => parents.has(process.parentPid));
    found.push(...children);
    parents = new Set(children.map((process) => process.pid));
  }
  return found;
}

/** All processes of this machine whose command line contains `text`, including orphans. */
export async function processesWith(text: string): Promise<ProcessInfo[]> {
  return (await listProcesses()).filter((process) => process.command.includes(text));
}

/** Throws with their names if a process has descendants, including zombies. */
export async function assertNoDescendants(pid: number): Promise<void> {
  const left = await descendantsOf(pid);
  if (left.length > 0) {
    throw new Error(`left running: ${left.map((p) => `${p.pid} (${p.state}) ${p.command}`).join('; ')}`);
  }
}

/** Whether the process exists and is not a zombie. */
export async function isAlive(pid: number): Promise<boolean> {
  const info = await readProcess(pid);
  return info !== undefined && info.state !== 'Z' && info.state !== 'X';
}

/**
 * SIGSTOP. Resolves once every thread has stopped: on a busy machine a thread may otherwise respond to one more request.
 */
export async function pauseProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await waitUntil(
    () => threadStatesOf(pid),
    (states) => states.every((state) => state === 'T' || state === 'Z'),
    { what: `process ${pid} is stopped`, intervalMs: 5 },
  );
}

/** CPU seconds used by all threads of a process. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const fields = await statFields(pid);
  if (fields === undefined) throw new Error(`no process ${pid}`);
  // proc(5): utime and stime are fields 14 and 15; this list starts at field 3.
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Resident memory of a process in bytes. */
export async function residentBytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

async function threadStatesOf(pid: number): Promise<string[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const fields = await Promise.all(threads.map((thread) => statFields(`${pid}/task/${thread}`)));
  return fields.map((field) => field?.[0] ?? 'Z');
}

async function listProcesses(): Promise<ProcessInfo[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const infos = await Promise.all(pids.map(readProcess));
  return infos.filter((info) => info !== undefined);
}

async function readProcess(pid: number): Promise<ProcessInfo | undefined> {
  const fields = await statFields(pid);
  if (fields === undefined) return undefined;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return {
    pid,
    state: fields[0] ?? '',
    parentPid: Number(fields[1]),
    command: command.replaceAll('\0', ' ').trim(),
  };
}

/** The fields of /proc/PID/stat after the name, which may contain spaces and brackets. */
async function statFields(pid: number | string): Promise<string[] | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}
