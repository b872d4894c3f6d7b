import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { whenAborted } from '@camplane/runtime/abort';
import { messageOf } from '@camplane/runtime/message-of';
import { findFootage } from './footage.ts';
import { startSimulatedCamera } from './simulated-camera.ts';
import type { SimulatedCamera } from './simulated-camera.ts';
import { parseSimulatorOptions, simulatorUsage } from './simulator-options.ts';
import type { SimulatorOptions } from './simulator-options.ts';

const parsed = parseSimulatorOptions(process.argv.slice(2));
if (parsed.kind === 'run') {
  await run(parsed.options).catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  });
} else if (parsed.kind === 'help') {
  process.stdout.write(simulatorUsage);
} else {
  process.stderr.write(`${parsed.message}\n\n${simulatorUsage}`);
  process.exitCode = 2;
}

async function run(options: SimulatorOptions): Promise<void> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const camera = await startSimulatedCamera({
    ...options.clip,
    content: await contentOf(options.content),
    credentials: options.credentials,
    port: options.port,
    host: options.host,
    path: options.path,
    cacheFolder: join(tmpdir(), 'camplane-clips'),
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
