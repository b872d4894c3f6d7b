import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operationPath } from '@camplane/contracts/operations';
import { freePort } from '@camplane/testkit/free-port';
import { startPostgres } from '@camplane/testkit/postgres';
import type { TestPostgres } from '@camplane/testkit/postgres';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startCameraCluster } from './testing/camera-cluster.ts';
import type { CameraCluster } from './testing/camera-cluster.ts';
import { startFakeCameraService } from './testing/fake-camera-service.ts';
import { eventually } from './testing/running-api.ts';

jest.setTimeout(180_000);

const source = { url: 'rtsp://192.0.2.10:554/stream1' };
let cluster: CameraCluster;
let postgres: TestPostgres;
const children: ChildProcess[] = [];

beforeAll(async () => {
  [cluster, postgres] = await Promise.all([startCameraCluster(), startPostgres()]);
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
});
afterAll(async () => {
  await Promise.all([cluster?.stop(), postgres?.stop()]);
});

function run(env: NodeJS.ProcessEnv): {
  output: () => string;
  exited: Promise<number | null>;
  child: ChildProcess;
} {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: postgres.url,
      DATA_DIR: cluster.folder,
      CAMPLANE_AUTH: 'none',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return { child, output: () => output, exited };
}

describe('the control-api process in a cluster', () => {
  it('serves the cameras of its namespace with the rights of its service account', async () => {
    const namespace = await cluster.newNamespace();
    const { kubeConfigFile } = await cluster.serviceAccount(namespace, 'control-api');
    const pictures = await startFakeCameraService();
    const port = await freePort();
    const { child, exited, output } = run({
      HTTP_PORT: String(port),
      CAMERA_REGISTRY: 'kubernetes',
      CAMPLANE_NAMESPACE: namespace,
      KUBECONFIG: kubeConfigFile,
      CAMERA_URL: `${pictures.url}/of-{id}`,
    });
    try {
      const url = `http://127.0.0.1:${port}`;
      await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), 120_000);
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ id: 'posted', source });
      const posted = await fetch(`${url}${operationPath('createCamera')}`, { method: 'POST', headers, body });
      expect(posted.status).toBe(201);
      expect((await cluster.camera(namespace, 'posted')).spec.source.url).toBe(source.url);

      await cluster.createCamera(namespace, 'applied', { source });
      const applied = await fetch(`${url}${operationPath('readCamera', { id: 'applied' })}`);
      expect([applied.status, ((await applied.json()) as { id: string }).id]).toEqual([200, 'applied']);

      expect((await fetch(`${url}${operationPath('readSnapshot', { id: 'applied' })}`)).status).toBe(200);
      expect(pictures.requests.map(({ path }) => path)).toEqual(['/of-applied/cameras/applied/snapshot']);
      child.kill('SIGTERM');
      expect([await exited, output()]).toEqual([0, expect.stringContaining('stopped')]);
    } finally {
      await pictures.stop();
    }
  });

  it('names missing settings', async () => {
    const without = run({ CAMERA_REGISTRY: 'kubernetes' });
    expect(await without.exited).toBe(1);
    expect(without.output()).toContain('needs CAMPLANE_NAMESPACE');
    const nowhere = run({ CAMERA_REGISTRY: 'kubernetes', CAMPLANE_NAMESPACE: 'default' });
    expect(await nowhere.exited).toBe(1);
    expect(nowhere.output()).toContain('no cluster configured: set KUBECONFIG');
    const wrong = run({ CAMERA_URL: 'http://camera:9100' });
    expect(await wrong.exited).toBe(1);
    expect(wrong.output()).toMatch(/CAMERA_URL.*must contain \{id\}/);
  });
});

describe('without a reachable API server', () => {
  it('starts, reports why it is not ready, and stops on SIGTERM', async () => {
    const silent = createServer(() => {});
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { kubeConfigFile } = await cluster.deadCluster(
      `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    );
    const port = await freePort();
    const { child, exited } = run({
      HTTP_PORT: String(port),
      CAMERA_REGISTRY: 'kubernetes',
      CAMPLANE_NAMESPACE: 'default',
      KUBECONFIG: kubeConfigFile,
    });
    await eventually(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
      expect([answer.status, await answer.text()]).toEqual([
        503,
        expect.stringMatching(/"name":"cameras","ok":false/),
      ]);
    }, 60_000);
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    silent.closeAllConnections();
    silent.close();
  });
});
