import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { whenAborted } from '@camplane/runtime/abort';
import { messageOf } from '@camplane/runtime/message-of';
import { findFootage } from './footage.ts';
import { startSimulatedCamera } from './simulated-camera.ts';
import type { SimulatedCamera } from './simulated-camera.ts';
import { parseSimulatorOptions, simulatorUsage } from './simulator-options.ts';
import type { DeviationOptions, SimulatorOptions } from './simulator-options.ts';
import { cameraZoo } from './zoo/camera-zoo.ts';
import { startZooCamera } from './zoo/zoo-camera.ts';

const cacheFolder = join(tmpdir(), 'camplane-clips');

const parsed = parseSimulatorOptions(process.argv.slice(2));
if (parsed.kind === 'run' || parsed.kind === 'deviate') {
  await (parsed.kind === 'run' ? run(parsed.options) : deviate(parsed.options)).catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  });
} else if (parsed.kind === 'list') {
  for (const { title, rows } of cameraZoo) {
    process.stdout.write(`\n${title}\n`);
    for (const { name, deviation } of rows) process.stdout.write(`  ${name.padEnd(32)} ${deviation}\n`);
  }
} else if (parsed.kind === 'help') {
  process.stdout.write(simulatorUsage);
} else {
  process.stderr.write(`${parsed.message}\n\n${simulatorUsage}`);
  process.exitCode = 2;
}

function stopSignal(): AbortController {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  return stopping;
}

async function deviate({ camera, port, host }: DeviationOptions): Promise<void> {
  const stopping = stopSignal();
  const running = await startZooCamera(camera, { cacheFolder, port, host });
  process.stdout.write(`${running.url}\n`);
  if (running.credentials !== null) {
    process.stdout.write(`user ${running.credentials.username}, password ${running.credentials.password}\n`);
  }
  await whenAborted(stopping.signal);
  await running.stop();
}

async function run(options: SimulatorOptions): Promise<void> {
  const stopping = stopSignal();
  const camera = await startSimulatedCamera({
    ...options.clip,
    content: await contentOf(options.content),
    credentials: options.credentials,
    port: options.port,
    host: options.host,
    path: options.path,
    cacheFolder,
    signal: stopping.signal,
  });
  process.stdout.write(`${camera.url}\n`);
  const commands = createInterface({ input: process.stdin });
  commands.on('line', (line) => void runCommand(camera, line.trim(), () => stopping.abort()));
  await whenAborted(stopping.signal);
  commands.close();
  await camera.stop();
}

async function contentOf(content: SimulatorOptions['content']) {
  if (typeof content === 'object') return { kind: 'footage' as const, file: content.file };
  const footage = content === 'footage' ? await findFootage() : null;
  if (content === 'footage' && footage === null) {
    process.stderr.write('the footage (Debian package opencv-doc) is not installed, showing a pattern\n');
  }
  return footage === null ? { kind: 'pattern' as const } : { kind: 'footage' as const, file: footage };
}

async function runCommand(camera: SimulatedCamera, command: string, quit: () => void): Promise<void> {
  switch (command) {
    case 'freeze':
      return camera.freeze();
    case 'thaw':
      return camera.thaw();
    case 'vanish':
      return camera.vanish();
    case 'back':
      return camera.comeBack();
    case 'quit':
      return quit();
    default:
      process.stderr.write('type freeze, thaw, vanish, back or quit\n');
  }
}
