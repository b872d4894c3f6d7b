import { describe, expect, it } from '@jest/globals';
import { cpuSecondsOf, descendantsOf, isAlive, processesWith, residentBytesOf } from './processes.ts';

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

  it('detects a missing process', async () => {
    expect(await isAlive(2 ** 22 + 1)).toBe(false);
  });
});
