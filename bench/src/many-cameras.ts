import { setTimeout as delay } from 'node:timers/promises';
import { cpuSecondsOf, descendantsOf, residentBytesOf } from '@camplane/testkit/processes';
import { waitUntil } from '@camplane/testkit/wait-until';
import { credentials, startBenchCamera } from './bench-camera.ts';
import type { BenchResult } from './bench-result.ts';
import { startBareCopies } from './bare-copies.ts';
import { startCamplane } from './run-camplane.ts';

const measureSeconds = 20;

type Cost = { corePercent: number; memoryMiB: number };

/**
 * P5: the cost of a copied camera (720p30, 3 Mbit/s, one key frame per second), without a tap and with a tap of one key
 * frame per second, and whether `many` cameras all start. The control is bare FFmpegs doing the same from the same
 * camera into a bare MediaMTX. CPU time and memory come from /proc, per process.
 */
export async function measureManyCameras(
  options: { many?: number; tapped?: number; bare?: number } = {},
): Promise<BenchResult> {
  const { many = 100, tapped = 30, bare = 10 } = options;
  const camera = await startBenchCamera();
  try {
    const bareCopy = await costOfBare(camera.url, bare, false);
    const bareTapped = await costOfBare(camera.url, bare, true);
    const crowd = await costOfOurs(camera.url, many, false);
    const withTap = await costOfOurs(camera.url, tapped, true);
    const count = (name: string, value: number, target: number) => ({
      name,
      value,
      unit: '',
      target: `= ${target}`,
      met: value === target,
    });
    return {
      id: 'P5',
      title: 'cost of a copied 720p30 camera at 3 Mbit/s',
      rows: [
        count(`${many} cameras: running`, crowd.running, many),
        count(`${many} cameras: restarts`, crowd.restarts, 0),
        { name: `${many} cameras: all running after`, value: crowd.startSeconds, unit: 's' },
        row('copy: processor, each', crowd.each.corePercent, '% of a core', bareCopy.corePercent, 0.6),
        row('copy: memory, each', crowd.each.memoryMiB, 'MiB', bareCopy.memoryMiB, 60),
        count(`${tapped} cameras with tap: running`, withTap.running, tapped),
        count(`${tapped} cameras with tap: restarts`, withTap.restarts, 0),
        row(
          'copy with tap: processor, each',
          withTap.each.corePercent,
          '% of a core',
          bareTapped.corePercent,
          1.5,
        ),
        row('copy with tap: memory, each', withTap.each.memoryMiB, 'MiB', bareTapped.memoryMiB, 130),
      ],
      notes: [
        `${measureSeconds} s each; ours is FFmpeg and our share of Node (all of the Node process, divided); the control is FFmpeg alone, ${bare} of them`,
        'all read one simulated camera; neither it nor MediaMTX is counted',
        `MediaMTX with ${many} copied cameras: ${crowd.mediaMtx.corePercent.toFixed(1)} % of a core, ${crowd.mediaMtx.memoryMiB.toFixed(0)} MiB`,
        'the clip is filled with noise up to its bit rate, so its key frames are expensive to decode, also for the control',
      ],
    };
  } finally {
    await camera.stop();
  }
}

function row(name: string, value: number, unit: string, control: number, target: number) {
  return { name, value, unit, control, ratio: value / control, target: `≤ ${target}`, met: value <= target };
}

async function costOfBare(url: string, count: number, tap: boolean): Promise<Cost> {
  const copies = await startBareCopies({ source: url, credentials, count, tap });
  try {
    await delay(5000);
    return divide(await measure(() => Promise.resolve(copies.pids)), count);
  } finally {
    await copies.stop();
  }
}

async function costOfOurs(url: string, count: number, tap: boolean) {
  const camplane = await startCamplane();
  try {
    const startedMs = performance.now();
    for (let index = 0; index < count; index++) {
      const created = await camplane.send('createCamera', {
        body: {
          id: `camera-${index}`,
          source: { url, credentials },
          frames: { fps: 1 },
          // Frames are published but no detector processes them.
          detection: { enabled: tap, detectors: [] },
        },
      });
      if (created.status === 429) {
        // The API limits the write rate; stay below it.
        await delay(1000);
        index -= 1;
      } else if (created.status !== 201) {
        throw new Error(`camera not created: ${created.status} ${JSON.stringify(created.body)}`);
      }
    }
    const look = async () => {
      const { items } = await camplane.client.listStatus();
      return {
        running: items.filter((status) => status.isRunning).length,
        restarts: items.reduce((sum, status) => sum + status.restarts, 0),
      };
    };
    await waitUntil(look, (seen) => seen.running === count, {
      what: `${count} running`,
      timeoutMs: 180_000,
      intervalMs: 250,
    }).catch(() => undefined);
    const startSeconds = (performance.now() - startedMs) / 1000;
    // Taps start after their video and analyse for 1.5 s; slates are drawn once, after the start.
    const expected = 1 + count * (tap ? 2 : 1);
    await waitUntil(
      () => descendantsOf(camplane.pid),
      (processes) => processes.length === expected,
      { what: `exactly ${expected} processes`, timeoutMs: 90_000, intervalMs: 500 },
    ).catch(() => undefined);
    await delay(5000);
    const ours = async () => {
      const processes = await descendantsOf(camplane.pid);
      return [
        camplane.pid,
        ...processes.filter((info) => !info.command.includes('mediamtx')).map((info) => info.pid),
      ];
    };
    const mediaMtx = async () =>
      (await descendantsOf(camplane.pid))
        .filter((info) => info.command.includes('mediamtx'))
        .map((info) => info.pid);
    const [cost, mediaMtxCost] = await Promise.all([measure(ours), measure(mediaMtx)]);
    return { each: divide(cost, count), mediaMtx: mediaMtxCost, startSeconds, ...(await look()) };
  } finally {
    await camplane.dispose();
  }
}

/** CPU time over the measured span and memory at its end, of the processes that exist throughout. */
async function measure(pids: () => Promise<number[]>): Promise<Cost> {
  const before = new Map<number, number>();
  for (const pid of await pids()) {
    const used = await cpuSecondsOf(pid).catch(() => undefined);
    // A process that has just exited does not count.
    if (used !== undefined) before.set(pid, used);
  }
  const startedMs = performance.now();
  await delay(measureSeconds * 1000);
  const seconds = (performance.now() - startedMs) / 1000;
  let cpu = 0;
  let memory = 0;
  for (const [pid, used] of before) {
    cpu += Math.max(0, (await cpuSecondsOf(pid).catch(() => used)) - used);
    memory += await residentBytesOf(pid).catch(() => 0);
  }
  return { corePercent: (cpu / seconds) * 100, memoryMiB: memory / 2 ** 20 };
}

function divide(cost: Cost, count: number): Cost {
  return { corePercent: cost.corePercent / count, memoryMiB: cost.memoryMiB / count };
}
