import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { operationPath } from '@camplane/contracts/operations';
import { freePort } from '@camplane/testkit/free-port';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './testing/running-api.ts';

jest.setTimeout(300_000);

const folder = mkdtempSync(join(tmpdir(), 'camplane-main-'));
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(port: number): { child: ChildProcess; output: () => string; exited: Promise<number | null> } {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { PATH: process.env['PATH'], DATA_DIR: folder, HTTP_PORT: String(port), CAMPLANE_AUTH: 'none' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return { child, output: () => output, exited };
}

async function ready(port: number): Promise<void> {
  await eventually(async () => {
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  }, 120_000);
}

describe('the control-api process', () => {
  it('keeps its cameras after SIGKILL, and starts again', async () => {
    const port = await freePort();
    const first = run(port);
    await ready(port);
    const body = JSON.stringify({ id: 'kept', source: { url: 'test:testsrc2' } });
    const headers = { 'content-type': 'application/json' };
    const url = `http://127.0.0.1:${port}${operationPath('createCamera')}`;
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(201);
    first.child.kill('SIGKILL');
    await first.exited;

    const second = run(port);
    await ready(port);
    expect(((await (await fetch(`${url}/kept`)).json()) as { id: string }).id).toBe('kept');

    const third = run(await freePort());
    expect(await third.exited).toBe(1);
    expect(third.output()).toContain(`in use by process ${second.child.pid}`);

    second.child.kill('SIGTERM');
    expect(await second.exited).toBe(0);
  });

  it('stops cleanly on SIGTERM at any time during its start', async () => {
    for (const pauseMs of [50, 300, 900]) {
      const { child, exited } = run(await freePort());
      // A different moment of the start each time.
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const signalledAt = performance.now();
      child.kill('SIGTERM');
      await exited;
      expect(performance.now() - signalledAt).toBeLessThan(5_500);
    }
    const port = await freePort();
    run(port);
    await ready(port);
  });
});
