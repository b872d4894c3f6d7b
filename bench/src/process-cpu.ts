import { readFile, readdir } from 'node:fs/promises';

/**
 * Processor time of a process, all its threads, in seconds, exact to the nanosecond: `schedstat` counts what the
 * scheduler gave, where `stat` counts ticks of 10 ms. Threads that have ended are not in it.
 */
export async function threadsCpuSeconds(pid: number): Promise<number> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/schedstat`, 'utf8')),
  );
  return times.reduce((sum, line) => sum + Number(line.split(' ')[0]), 0) / 1e9;
}
