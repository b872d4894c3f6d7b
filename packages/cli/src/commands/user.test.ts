import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { formatPasswordReset, passwordResetFolder } from '@camplane/contracts/password-reset';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runCommandLine } from '../command-line.ts';

let dataFolder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let requests: string;
beforeEach(async () => {
  dataFolder = await createTemporaryFolder();
  requests = join(dataFolder.path, passwordResetFolder);
});
afterEach(() => dataFolder.remove());

async function camplane(args: string[], signal = new AbortController().signal) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const output = Promise.all([text(stdout), text(stderr)]);
  const env = { DATA_DIR: dataFolder.path };
  const code = await runCommandLine(args, { stdout, stderr, now: Date.now, signal, env });
  stdout.end();
  stderr.end();
  const [out, err] = await output;
  return { code, out, err };
}

/** What control-api does. */
async function answer(name: string, content: string): Promise<void> {
  const file = join(requests, name);
  const found = await waitUntil(
    () => stat(file).catch(() => null),
    (seen) => seen !== null,
    { what: 'a request' },
  );
  expect([found?.size, (found?.mode ?? 0) & 0o777]).toEqual([0, 0o600]);
  await writeFile(file, content);
}

describe('camplane user reset', () => {
  it('prints the new password alone and leaves no file behind', async () => {
    await mkdir(requests);
    const [result] = await Promise.all([
      camplane(['user', 'reset', 'admin']),
      answer('admin', formatPasswordReset({ password: 'a-new-password' })),
    ]);
    expect(result).toMatchObject({ code: 0, out: 'a-new-password\n' });
    expect(await readdir(requests)).toEqual([]);
  });

  it('reports why Camplane refuses', async () => {
    await mkdir(requests);
    const [result] = await Promise.all([
      camplane(['user', 'reset', 'stranger']),
      answer('stranger', formatPasswordReset({ refused: 'There is no user stranger' })),
    ]);
    expect(result).toEqual({ code: 1, out: '', err: 'camplane: There is no user stranger\n' });
  });

  it('withdraws the request when it is interrupted', async () => {
    await mkdir(requests);
    const stopping = new AbortController();
    const running = camplane(['user', 'reset', 'admin'], stopping.signal);
    await waitUntil(
      () => readdir(requests),
      (names) => names.length === 1,
      { what: 'a request' },
    );
    stopping.abort();
    expect((await running).code).toBe(130);
    expect(await readdir(requests)).toEqual([]);
  });

  it('names a wrong folder, user and action', async () => {
    expect((await camplane(['user', 'reset', 'admin'])).err).toContain('correct --data-dir');
    expect(await camplane(['user', 'reset', '../../etc/passwd'])).toMatchObject({ code: 2 });
    expect((await camplane(['user', 'delete', 'admin'])).err).toContain("unknown action 'delete'");
  });
});
