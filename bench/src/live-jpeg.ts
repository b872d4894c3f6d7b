import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { operationUrl } from '@camplane/api-client/operation-url';
import { residentBytesOf } from '@camplane/testkit/processes';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import sharp from 'sharp';
import { credentials, startBenchCamera } from './bench-camera.ts';
import type { BenchResult, BenchRow } from './bench-result.ts';
import { percentile } from './percentile.ts';
import { threadsCpuSeconds } from './process-cpu.ts';
import { startCamplane } from './run-camplane.ts';

const pictureBytes = 100_000;
const fps = 5;
const warmUpSeconds = 3;
const measureSeconds = 8;
const runs = 3;
const memorySampleMs = 500;
const mib = 1024 * 1024;

const program = (name: string): string => fileURLToPath(new URL(`./${name}.ts`, import.meta.url));

type Load = { reading: number; stalled: number };
type Measured = { ages: number[]; cores: number; memoryBytes: number };

/**
 * P7: live JPEG over WebSocket through all of Camplane on one machine. Pictures of 100 KB come from a program in place of
 * FFmpeg, five per second, so that encoding is not measured. A picture's age runs from that program to the client. The
 * control is a plain `ws` server that sends the same pictures, alternating.
 */
export async function measureLiveJpeg(): Promise<BenchResult> {
  const folder = await createTemporaryFolder();
  const picture = join(folder.path, 'picture.jpg');
  const encoder = join(folder.path, 'ffmpeg');
  const camera = await startBenchCamera();
  const pictureArguments = [picture, String(pictureBytes), String(fps)];
  await sharp({ create: { width: 640, height: 360, channels: 3, background: '#456' } })
    .jpeg()
    .toFile(picture);
  await writeFile(encoder, encoderScript(pictureArguments));
  await chmod(encoder, 0o755);
  const camplane = await startCamplane({ FFMPEG_BIN: encoder, STREAM_MAX_CLIENTS: '400' });
  const plain = await startPlain(pictureArguments);
  try {
    await camplane.createCamera({
      id: 'bench',
      source: { url: camera.url, credentials },
      detection: { enabled: false },
    });
    await camplane.waitForPhase('bench', 'RUNNING', 40_000);
    const url = operationUrl(camplane.url, 'followJpeg', { id: 'bench', query: { quality: 'low' } });
    const ours = (load: Load) => measure(camplane.pid, url.replace('http', 'ws'), load);
    const control = (load: Load) => measure(plain.pid, plain.url, load);
    const all = {
      ...{ control100: [] as Measured[], ours100: [] as Measured[], beside100: [] as Measured[] },
      ...{ control180: [] as Measured[], ours180: [] as Measured[], beside20: [] as Measured[] },
    };
    let encoders = 0;
    for (let run = 0; run < runs; run++) {
      all.control100.push(await control({ reading: 100, stalled: 0 }));
      all.ours100.push(await ours({ reading: 100, stalled: 0 }));
      all.beside100.push(await ours({ reading: 100, stalled: 100 }));
      all.control180.push(await control({ reading: 180, stalled: 0 }));
      all.ours180.push(await ours({ reading: 180, stalled: 0 }));
      all.beside20.push(await ours({ reading: 180, stalled: 20 }));
      encoders = Math.max(encoders, (await camplane.processes()).filter(isEncoder).length);
    }
    return resultOf(all, encoders);
  } finally {
    plain.stop();
    await camplane.dispose();
    await camera.stop();
    await folder.remove();
  }
}

/** A script that runs FFmpeg, except for live JPEG streams. */
function encoderScript(pictureArguments: string[]): string {
  const pictures = [process.execPath, program('paced-pictures'), ...pictureArguments];
  const quoted = pictures.map((word) => `'${word}'`).join(' ');
  return `#!/bin/sh\ncase "$*" in *camplane=tap*" mjpeg "*) exec ${quoted} ;; *) exec ffmpeg "$@" ;; esac\n`;
}

const isEncoder = ({ command }: { command: string }): boolean => command.includes('paced-pictures');

async function startPlain(pictureArguments: string[]): Promise<{ pid: number; url: string; stop(): void }> {
  const child = startProgram('plain-pictures', pictureArguments);
  const port = (await child.lines.next()).value ?? '';
  return { pid: child.pid, url: `ws://127.0.0.1:${port}`, stop: () => child.process.kill() };
}

function startProgram(name: string, args: string[]) {
  const child: ChildProcess = spawn(process.execPath, [program(name), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error(`${name} has no output`);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { process: child, pid: child.pid ?? 0, lines };
}

/** @param pid the server's process; all its threads count */
async function measure(pid: number, url: string, { reading, stalled }: Load): Promise<Measured> {
  const seconds = [warmUpSeconds, measureSeconds].map(String);
  const clients = startProgram('picture-clients', [url, String(reading), String(stalled), ...seconds]);
  await clients.lines.next();
  const [startedCpu, startedMs] = [await threadsCpuSeconds(pid), performance.now()];
  const memory: number[] = [];
  while (performance.now() - startedMs < (measureSeconds - 1) * 1000) {
    memory.push(await residentBytesOf(pid));
    await delay(memorySampleMs);
  }
  const cores = (await threadsCpuSeconds(pid)) - startedCpu;
  const elapsedSeconds = (performance.now() - startedMs) / 1000;
  const ages = JSON.parse((await clients.lines.next()).value ?? '[]') as number[];
  if (ages.length < (reading * fps * measureSeconds) / 2) throw new Error(`${ages.length} pictures arrived`);
  return { ages, cores: cores / elapsedSeconds, memoryBytes: percentile(memory, 0.5) };
}

function resultOf(
  all: Record<'control100' | 'ours100' | 'beside100' | 'control180' | 'ours180' | 'beside20', Measured[]>,
  encoders: number,
): BenchResult {
  const median = (measured: Measured[], of: (one: Measured) => number): number =>
    percentile(measured.map(of), 0.5);
  const p95 = (measured: Measured[]): number => median(measured, ({ ages }) => percentile(ages, 0.95));
  const cores = (measured: Measured[]): number => median(measured, (one) => one.cores * 100);
  const memory = (measured: Measured[]): number => median(measured, (one) => one.memoryBytes);
  const compared = (value: number, control: number) => ({ value, control, ratio: value / control });
  const delivered = (measured: Measured[], reading: number): number =>
    median(measured, ({ ages }) => (100 * ages.length) / (reading * fps * measureSeconds));
  const unchanged = (name: string, beside: Measured[], alone: Measured[]): BenchRow => {
    const row = compared(p95(beside), p95(alone));
    return { name, ...row, unit: 'ms', target: '≤ 1.2 × without them', met: row.ratio <= 1.2 };
  };
  const perStalled = (memory(all.beside100) - memory(all.ours100)) / 100 / pictureBytes;
  const growth = (memory(all.beside20) - memory(all.ours180)) / mib;
  const processor = compared(cores(all.ours100), cores(all.control100));
  const age = compared(p95(all.ours100), p95(all.control100));
  return {
    id: 'P7',
    title: `live JPEG over WebSocket: ${pictureBytes / 1000} KB × ${fps}/s`,
    rows: [
      {
        name: '100 clients: processor',
        ...processor,
        unit: '% of a core',
        target: '≤ 60',
        met: processor.value <= 60,
      },
      { name: '100 clients: age p95', ...age, unit: 'ms', target: '≤ 50 ms', met: age.value <= 50 },
      { name: '100 clients: pictures received', value: delivered(all.ours100, 100), unit: '%' },
      unchanged('100 clients beside 100 stalled: age p95', all.beside100, all.ours100),
      {
        name: 'memory per stalled client',
        value: perStalled,
        unit: 'pictures',
        target: '≤ 2',
        met: perStalled <= 2,
      },
      {
        name: '180 clients: processor',
        ...compared(cores(all.ours180), cores(all.control180)),
        unit: '% of a core',
      },
      { name: '180 clients: age p95', ...compared(p95(all.ours180), p95(all.control180)), unit: 'ms' },
      unchanged('180 clients beside 20 stalled: age p95', all.beside20, all.ours180),
      {
        name: '180 clients beside 20 stalled: more memory',
        value: growth,
        unit: 'MiB',
        target: '≤ 4',
        met: growth <= 4,
      },
      { name: 'encoding processes', value: encoders, unit: '', target: '= 1', met: encoders === 1 },
    ],
    notes: [
      `median of ${runs} runs of ${measureSeconds} s each, alternating with the control: a plain ws server with the same pictures`,
      'ours is the whole of Camplane in its Node.js process: stream-proxy, and control-api, which relays each message',
      'for "beside", the control is ours without the stalled clients; clients run in one process on this machine',
    ],
  };
}
