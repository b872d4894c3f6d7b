import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';

jest.setTimeout(120_000);

const script = fileURLToPath(new URL('../../scripts/test-stream-api.sh', import.meta.url));
const execute = promisify(execFile);

let camplane: Camplane;
let token: string;

beforeAll(async () => {
  camplane = await startCamplane({ access: 'on' });
  const permissions = ['camera.view', 'camera.operate', 'camera.configure', 'detection.view'] as const;
  token = await (await camplane.signIn()).createToken({ permissions: [...permissions] });
});
afterAll(async () => {
  await camplane?.dispose();
});

async function run(environment: Record<string, string>): Promise<{ code: number; output: string }> {
  const env = { PATH: process.env['PATH'] ?? '', ...environment };
  try {
    const { stdout, stderr } = await execute(script, [camplane.url], { env, timeout: 100_000 });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

describe('scripts/test-stream-api.sh', () => {
  it('passes against a running Camplane, and leaves no stream behind', async () => {
    const { code, output } = await run({ CAMPLANE_TOKEN: token });
    expect([code, output]).toEqual([0, expect.stringMatching(/all checks passed\n$/)]);
    expect(output.match(/^ok /gm)?.length).toBe(20);
    expect((await camplane.client.listCameras()).items).toEqual([]);
  });

  it('fails without a token, and says what is needed', async () => {
    const { code, output } = await run({});
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/FAILED {2}the list of streams \(401\)[^]*CAMPLANE_TOKEN/),
    ]);
  });
});
