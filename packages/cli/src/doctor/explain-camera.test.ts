import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CamplaneError } from '@camplane/contracts/problem';
import type { ErrorKind } from '@camplane/contracts/problem';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runCommandLine } from '../command-line.ts';

const token = 'cpl_a-token-for-tests';
let presented: string | undefined;
/** Without a login it answers like control-api. */
const server = createServer((request, response) => {
  presented = request.headers.authorization;
  const kind: ErrorKind | null =
    presented === undefined ? 'unauthenticated' : presented === `Bearer ${token}` ? null : 'forbidden';
  if (kind === null) response.end(JSON.stringify({ ok: false, reason: 'NotFound', message: 'No stream.' }));
  else {
    const problem = new CamplaneError(kind, `refused: ${kind}`).toProblem();
    response.writeHead(problem.status).end(JSON.stringify(problem));
  }
});
let api: string;
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await folder.remove();
});

async function doctor(env: Record<string, string>, ...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const output = Promise.all([text(stdout), text(stderr)]);
  const command = ['doctor', '--api', api, '--url', 'rtsp://192.0.2.1/none', ...args];
  const { signal } = new AbortController();
  const code = await runCommandLine(command, { stdout, stderr, now: Date.now, signal, env });
  stdout.end();
  stderr.end();
  const [out, err] = await output;
  return { code, out, err };
}

describe('doctor --api', () => {
  it('says how to sign in when it has no token', async () => {
    const { code, err } = await doctor({});
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/refused: unauthenticated\n {2}create an API token with .*set CAMPLANE_TOKEN/),
    ]);
  });

  it('reads the token from the environment or a file', async () => {
    const file = join(folder.path, 'token');
    await writeFile(file, `${token}\n`);
    for (const [env, args] of [
      [{ CAMPLANE_TOKEN: token }, []],
      [{ CAMPLANE_TOKEN_FILE: file }, []],
      [{ CAMPLANE_TOKEN: 'cpl_other' }, ['--token-file', file]],
    ] as const) {
      const { out } = await doctor(env, ...args);
      expect([presented, out]).toEqual([`Bearer ${token}`, expect.stringContaining('✘ No stream.')]);
    }
  });

  it('names the remedy for a token without the permission, and never shows the token', async () => {
    const { code, out, err } = await doctor({ CAMPLANE_TOKEN: 'cpl_other' });
    expect([code, err]).toEqual([1, expect.stringContaining('a user with camera.view and camera.configure')]);
    expect(`${out}${err}`).not.toContain('cpl_other');
  });

  it('refuses a file that contains no token', async () => {
    const file = join(folder.path, 'letter');
    await writeFile(file, 'two words\n');
    expect((await doctor({}, '--token-file', file)).err).toContain('does not contain an API token');
    expect((await doctor({}, '--token-file', `${file}-absent`)).err).toContain('cannot read the API token');
  });
});
