import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startCamplane } from '@camplane/testkit/camplane';
import { freePorts } from '@camplane/testkit/free-port';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { stop } from 'esbuild';
import { bundleService } from './bundle.ts';
import type { Bundle } from './bundle.ts';
import { bundledServices } from './bundled-service.ts';

jest.setTimeout(120_000);

const root = join(import.meta.dirname, '../../..');
const services = bundledServices(root);
const names = services.map(({ name }) => name);
const bundles = new Map<string, Bundle>();
let folder: TemporaryFolder;

// Outside the repository, so that its node_modules and sources cannot be found.
beforeAll(async () => {
  folder = await createTemporaryFolder();
  for (const service of services) {
    const target = join(folder.path, service.name);
    const machine = { platform: process.platform, arch: process.arch };
    bundles.set(service.name, await bundleService(service, { root, target, machine }));
  }
});
afterAll(async () => {
  // esbuild's child process keeps running otherwise.
  await stop();
  await folder.remove();
});

function bundleOf(name: string): Bundle {
  const bundle = bundles.get(name);
  if (!bundle) throw new Error(`no bundle of ${name}`);
  return bundle;
}

/** Free ports under every service's variable names, and the PATH. */
async function environmentOf(name: string): Promise<{ port: number; environment: Record<string, string> }> {
  const [port = 0] = await freePorts(1);
  return {
    port,
    environment: {
      PATH: process.env['PATH'] ?? '',
      LOG_FORMAT: 'text',
      DATA_DIR: join(folder.path, `${name}-data`),
      [`${name.replaceAll('-', '_').toUpperCase()}_PORT`]: String(port),
      HTTP_PORT: String(port),
      ...(name === 'camera-operator' ? await operatorEnvironment(port) : {}),
      ...(name === 'stream-proxy' ? { STREAM_PROXY_SECRET: 's'.repeat(32) } : {}),
    },
  };
}

/** A cluster that does not answer. The operator is healthy while it waits. */
async function operatorEnvironment(port: number): Promise<Record<string, string>> {
  const file = join(folder.path, 'kubeconfig.json');
  const [nowhere = 0] = await freePorts(1);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster: { server: `https://127.0.0.1:${nowhere}` } }],
    users: [{ name: 'test', user: { token: 'test' } }],
  };
  await writeFile(file, JSON.stringify(config));
  return {
    OPERATOR_PORT: String(port),
    KUBECONFIG: file,
    CAMPLANE_NAMESPACE: 'camplane',
    CAMPLANE_CAMERA_SERVICE_IMAGE: 'camplane/camera-service:0.1.0',
    CAMPLANE_MEDIAMTX_IMAGE: 'bluenviron/mediamtx:1.20.1',
  };
}

describe('a bundle', () => {
  it('exists for every service', () => {
    expect(names).toEqual(
      expect.arrayContaining(['camera-service', 'control-api', 'detection-service', 'standalone']),
    );
  });

  // standalone has its own test below.
  it.each(names.filter((name) => name !== 'standalone'))(
    'of %s starts, answers and stops without the repository',
    async (name) => {
      const { port, environment } = await environmentOf(name);
      const child = spawn(process.execPath, ['main.js'], {
        cwd: bundleOf(name).folder,
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = once(child, 'close');
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString();
        });
      }
      try {
        await waitUntil(
          async () => {
            if (child.exitCode !== null) return child.exitCode;
            const response = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
            return response?.status;
          },
          (seen) => seen !== undefined,
          { what: `health of ${name}`, timeoutMs: 60_000 },
        ).then((seen) => expect({ seen, output }).toEqual({ seen: 200, output: expect.any(String) }));
        child.kill('SIGTERM');
        expect(await ended).toEqual([0, null]);
      } finally {
        child.kill('SIGKILL');
        await ended;
      }
    },
  );

  it.each(names)('of %s says which licences its code has', async (name) => {
    const text = await readFile(join(bundleOf(name).folder, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    expect(text).toMatch(/^zod \d/m);
    for (const { name: kept } of bundleOf(name).kept) expect(text).toContain(`${kept} `);
    if (['control-api', 'standalone'].includes(name)) expect(text).toContain('under the PostgreSQL License');
    if (['control-api', 'standalone'].includes(name)) expect(text).toMatch(/^react \d.*\n\nMIT License/m);
  });

  it('contains its worker threads and only the libraries of this machine', async () => {
    expect(bundleOf('camera-service').workers).toEqual(['overlay-worker.js']);
    expect(bundleOf('control-api').workers).toEqual(['import-pglite-worker.js']);
    expect(bundleOf('standalone').workers.sort()).toEqual([
      'detection-worker.js',
      'import-pglite-worker.js',
      'overlay-worker.js',
    ]);
    const { folder: path, workers } = bundleOf('detection-service');
    expect(workers).toEqual(['detection-worker.js']);
    const modules = join(path, 'node_modules');
    expect(existsSync(join(modules, `@img/sharp-${process.platform}-${process.arch}`))).toBe(true);
    const libraries = (await readdir(join(modules, 'onnxruntime-node/bin'), { recursive: true })).filter(
      (file) => file.endsWith('.node'),
    );
    expect(libraries).toEqual([`napi-v6/${process.platform}/${process.arch}/onnxruntime_binding.node`]);
  });

  it('of standalone serves the dashboard and runs its overlay worker', async () => {
    const camplane = await startCamplane({ main: join(bundleOf('standalone').folder, 'main.js') });
    try {
      await camplane.createCamera({
        id: 'pattern',
        source: { url: 'test:testsrc2' },
        video: { mode: 'overlay' },
      });
      await camplane.waitForPhase('pattern', 'RUNNING', 60_000);
      const picture = await waitUntil(
        () => camplane.send('readSnapshot', { id: 'pattern' }),
        (response) => response.status === 200,
        { what: 'a picture of the camera', timeoutMs: 30_000 },
      );
      expect(Buffer.from(picture.body as Uint8Array).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
      const page = await fetch(camplane.url, { headers: { accept: 'text/html' } });
      expect(await page.text()).toContain('<div id="root">');
    } finally {
      await camplane.dispose();
    }
  });
});
