import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { stop } from 'esbuild';
import { bundleService } from './bundle.ts';
import { commandLine } from './bundled-service.ts';

jest.setTimeout(120_000);

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await createTemporaryFolder();
});
afterAll(async () => {
  await stop();
  await folder.remove();
});

it('is one file that runs without the repository', async () => {
  const target = join(folder.path, 'cli');
  const machine = { platform: process.platform, arch: process.arch };
  const bundle = await bundleService(commandLine, { root, target, machine });
  expect(bundle.kept).toEqual([]);
  const environment = { PATH: process.env['PATH'], HOME: folder.path };
  const options = { cwd: folder.path, env: environment };
  const { stdout } = await run(process.execPath, [join(target, 'main.js'), '--help'], options);
  expect(stdout).toContain('Usage: camplane COMMAND');
  // Loads the whole client library and fails to connect.
  await expect(run(process.execPath, [join(target, 'main.js'), 'list'], options)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no cluster configured: set KUBECONFIG'),
  });
});
