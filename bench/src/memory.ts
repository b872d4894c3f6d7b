import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { descendantsOf, residentBytesOf } from '@camplane/testkit/processes';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { BenchResult, BenchRow } from './bench-result.ts';
import { percentile } from './percentile.ts';
import { startCamplane } from './run-camplane.ts';

/** What `make up` runs; `make bench` builds it. */
const bundle = fileURLToPath(new URL('../../.tools/bundles/standalone/main.js', import.meta.url));
const plainPglite = fileURLToPath(new URL('plain-pglite.ts', import.meta.url));
const settleMs = 20_000;
const samples = 20;
const sampleIntervalMs = 250;
const mib = 1024 * 1024;

type Part = 'Node.js' | 'PostgreSQL' | 'MediaMTX' | 'FFmpeg';
type Usage = Record<Part, number>;

const counted: readonly Part[] = ['Node.js', 'PostgreSQL'];
const totalOf = (usage: Usage) => counted.reduce((sum, part) => sum + usage[part], 0);

/**
 * P12: proportional set size (PSS) of standalone by part, without a camera and with the demonstration camera, the peak
 * of the first start, and how long the embedded database takes. The control is PGlite, which that database replaced,
 * alone in a Node.js process.
 */
export async function measureMemory(): Promise<BenchResult> {
  const pglite = await measurePglite();
  const idle = await measureRun('off', async () => undefined);
  const demo = await measureRun('on', async (camplane) => {
    await camplane.waitForPhase('demo', 'RUNNING', 60_000);
    await waitUntil(
      () => camplane.client.listDetections({ query: { label: ['person'] } }),
      ({ items }) => items.length > 0,
      { what: 'a person detected', timeoutMs: 90_000 },
    );
  });
  return {
    id: 'P12',
    title: 'memory on one machine, by part',
    rows: [
      ...rowsOf('no camera', idle.usage, 180),
      target({ name: 'no camera, peak of the first start', value: idle.peakBytes / mib, unit: 'MiB' }, 250),
      ...rowsOf('demonstration camera', demo.usage, 400),
      {
        name: 'database open',
        value: idle.usage.PostgreSQL / mib,
        unit: 'MiB',
        ...controlled(idle.usage.PostgreSQL / mib, pglite.openBytes / mib),
      },
      {
        ...target({ name: 'database, first start', value: idle.databaseMs, unit: 'ms' }, 1500),
        ...controlled(idle.databaseMs, pglite.createMs),
      },
    ],
    notes: [
      'PSS, for Node.js its resident size; MediaMTX and FFmpeg do not count towards the totals; OpenCV threads count as Node.js',
      `median of ${samples} samples, ${settleMs / 1000} s after the start; the peak is sampled every ${sampleIntervalMs} ms`,
      'control: PGlite 0.5.16 alone, its process minus a Node.js process without it; creating an empty database',
    ],
  };
}

async function measureRun(
  demoCamera: 'on' | 'off',
  prepare: (camplane: Awaited<ReturnType<typeof startCamplane>>) => Promise<void>,
): Promise<{ usage: Usage; peakBytes: number; databaseMs: number }> {
  const camplane = await startCamplane(
    { DEMO_CAMERA: demoCamera, LOG_LEVEL: 'debug' },
    { waitForReady: false, main: bundle },
  );
  try {
    let peakBytes = 0;
    const observe = async () => {
      const usage = await usageOf(camplane.pid);
      peakBytes = Math.max(peakBytes, totalOf(usage));
      return usage;
    };
    await waitUntil(
      async () => {
        await observe();
        return camplane.output().includes('Camplane is ready');
      },
      (ready) => ready,
      { what: 'Camplane ready', timeoutMs: 90_000, intervalMs: sampleIntervalMs },
    );
    await prepare(camplane);
    for (
      const endMs = performance.now() + settleMs;
      performance.now() < endMs;
      await delay(sampleIntervalMs)
    ) {
      await observe();
    }
    const seen: Usage[] = [];
    for (let index = 0; index < samples; index++, await delay(sampleIntervalMs)) seen.push(await observe());
    const medianOf = (part: Part) =>
      percentile(
        seen.map((usage) => usage[part]),
        0.5,
      );
    return {
      usage: {
        'Node.js': medianOf('Node.js'),
        PostgreSQL: medianOf('PostgreSQL'),
        MediaMTX: medianOf('MediaMTX'),
        FFmpeg: medianOf('FFmpeg'),
      },
      peakBytes,
      databaseMs: Number(/embedded database started .*?durationMs=(\d+)/.exec(camplane.output())?.[1]),
    };
  } finally {
    await camplane.dispose();
  }
}

async function usageOf(pid: number): Promise<Usage> {
  // Its resident size: other Node.js programs on the machine would take a share of its program's pages.
  const usage: Usage = { 'Node.js': await residentBytesOf(pid), PostgreSQL: 0, MediaMTX: 0, FFmpeg: 0 };
  for (const child of await descendantsOf(pid)) {
    const part = partOf(child.command);
    if (part !== undefined) usage[part] += await pssOf(child.pid);
  }
  return usage;
}

function partOf(command: string): Part | undefined {
  if (/^postgres: |\/(postgres|initdb) /.test(command)) return 'PostgreSQL';
  if (/mediamtx( |$)/.test(command)) return 'MediaMTX';
  if (/ffmpeg /.test(command)) return 'FFmpeg';
  return undefined;
}

/** Proportional set size in bytes, proc_pid_smaps(5): shared pages are divided among their processes. */
async function pssOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
}

async function measurePglite(): Promise<{ createMs: number; openBytes: number }> {
  const folder = await createTemporaryFolder();
  try {
    const [bare, created, opened] = [
      await runPglite('none'),
      await runPglite(folder.path),
      await runPglite(folder.path),
    ];
    return { createMs: created.openMs, openBytes: opened.bytes - bare.bytes };
  } finally {
    await folder.remove();
  }
}

async function runPglite(folder: string): Promise<{ openMs: number; bytes: number }> {
  const child = spawn(process.execPath, [plainPglite, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  await delay(1000);
  const bytes = await residentBytesOf(child.pid ?? 0);
  child.stdin.end();
  await ended;
  return { openMs: Number(chunk.toString()), bytes };
}

function rowsOf(name: string, usage: Usage, maxMib: number): BenchRow[] {
  const parts = Object.entries(usage).filter(([, bytes]) => bytes > 0);
  return [
    ...parts.map(([part, bytes]) => ({ name: `${name}: ${part}`, value: bytes / mib, unit: 'MiB' })),
    target({ name: `${name}, Node.js and PostgreSQL`, value: totalOf(usage) / mib, unit: 'MiB' }, maxMib),
  ];
}

function target(row: BenchRow, max: number): BenchRow {
  return { ...row, target: `≤ ${max} ${row.unit}`, met: row.value <= max };
}

function controlled(value: number, control: number): Pick<BenchRow, 'control' | 'ratio'> {
  return { control, ratio: value / control };
}
