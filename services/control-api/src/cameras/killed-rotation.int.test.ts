import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cameraInputSchema } from '@camplane/contracts/camera';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { runApi } from '../testing/running-api.ts';

jest.setTimeout(280_000);

const main = join(import.meta.dirname, '../main.ts');
const rotated = 'camera passwords have the new key';
const cameras = 200;
const kills = 16;

let folder: TemporaryFolder;
let keyFile: string;

beforeEach(async () => {
  folder = await createTemporaryFolder();
  keyFile = join(folder.path, 'credentials.key');
});

afterEach(() => folder.remove());

const idOf = (index: number) => `camera-${String(index).padStart(3, '0')}`;
const passwordOf = (index: number) => `password-${index}`;

async function createCameras(): Promise<void> {
  const api = await runApi({ dataDir: folder.path, maxCameras: cameras });
  for (let index = 0; index < cameras; index++) {
    const credentials = { username: 'viewer', password: passwordOf(index) };
    const camera = { source: { url: 'rtsp://192.0.2.1/1', credentials }, enabled: false };
    await api.api.registry.create({ ...cameraInputSchema.parse(camera), id: idOf(index) });
  }
  await api.stop();
}

/**
 * Starts the real program and kills it: the given time after its database accepts connections, or, without a time, when the
 * rotation is complete. Returns its output, and the time from accepting connections to the kill.
 */
async function startAndKill(afterReadyMs?: number): Promise<{ output: string; ms: number }> {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], DATA_DIR: folder.path, HTTP_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = once(child, 'close');
  const until = (text: string): Promise<unknown> => {
    const seen = new Promise<void>((resolve) => {
      child.stdout.on('data', () => output.includes(text) && resolve());
    });
    return Promise.race([seen, ended]);
  };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const complete = until(rotated);
  await until('PostgreSQL ready');
  const readyMs = performance.now();
  await (afterReadyMs === undefined ? complete : delay(afterReadyMs));
  const ms = performance.now() - readyMs;
  if (child.exitCode !== null) throw new Error(`ended with code ${child.exitCode}:\n${output}`);
  child.kill('SIGKILL');
  await ended;
  return { output, ms };
}

it('a change of the key that is killed again and again loses no password', async () => {
  await createCameras();
  renameSync(keyFile, `${keyFile}.previous`);
  const { ms: durationMs } = await startAndKill();
  rmSync(`${keyFile}.previous`);
  let completed = 1;
  for (let kill = 0; kill < kills; kill++) {
    // A rotation that may be incomplete continues with the same two keys.
    if (!existsSync(`${keyFile}.previous`)) renameSync(keyFile, `${keyFile}.previous`);
    const { output } = await startAndKill((1.3 * durationMs * kill) / kills);
    if (output.includes(rotated)) {
      completed++;
      rmSync(`${keyFile}.previous`);
    }
  }
  // Some kills came before the end.
  expect(completed).toBeLessThan(kills);

  const api = await runApi({ dataDir: folder.path, maxCameras: cameras });
  const passwords = (await api.api.registry.list()).map(({ credentials }) => credentials?.password);
  await api.stop();
  expect(passwords).toEqual(Array.from({ length: cameras }, (_, index) => passwordOf(index)));
});
