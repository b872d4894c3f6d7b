import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import {
  cpuSecondsOf,
  descendantsOf,
  isAlive,
  pauseProcess,
  processesWith,
  residentBytesOf,
} from './processes.ts';

describe('processes', () => {
  it('lists this process as a descendant of its parent', async () => {
    expect(await isAlive(process.pid)).toBe(true);
    const siblings = await descendantsOf(process.ppid);
    expect(siblings.map((found) => found.pid)).toContain(process.pid);
    expect((await processesWith('jest')).map((found) => found.pid)).toContain(process.pid);
  });

  it('reports the CPU time and memory that Node.js reports', async () => {
    const { user, system } = process.cpuUsage();
    expect(Math.abs((await cpuSecondsOf(process.pid)) - (user + system) / 1e6)).toBeLessThan(0.5);
    expect((await residentBytesOf(process.pid)) / process.memoryUsage().rss).toBeCloseTo(1, 0);
  });

  it('pauses every thread of a process', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => console.log(1), 1)']);
    await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    await pauseProcess(pid);
    const cpuSeconds = await cpuSecondsOf(pid);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await cpuSecondsOf(pid)).toBe(cpuSeconds);
    child.kill('SIGKILL');
    await once(child, 'close');
  });

  it('detects a missing process', async () => {
    expect(await isAlive(2 ** 22 + 1)).toBe(false);
  });
});
