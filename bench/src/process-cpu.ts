import { readFile, readdir } from 'node:fs/promises';

/**
 * CPU time of a process with all its threads, in seconds, at nanosecond resolution: `schedstat` has exact scheduler
 * time, whereas `stat` counts ticks of 10 ms. Exited threads are not included.
 */
export async function threadsCpuSeconds(pid: number): Promise<number> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/schedstat`, 'utf8')),
  );
  return times.reduce((sum, line) => sum + Number(line.split(' ')[0]), 0) / 1e9;
}
