import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { operationExamples } from '@camplane/contracts/examples/operation-examples';
import type { Operation } from '@camplane/contracts/operation';
import { operations } from '@camplane/contracts/operations';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

jest.setTimeout(120_000);

const root = join(import.meta.dirname, '../../..');
const run = promisify(execFile);
let folder: TemporaryFolder;
let installed: string;
let examples: string[];

const called: (string | undefined)[] = [];
/** Answers every operation with its example, as if the camera `front-door` existed. */
const server = createServer(({ method, url = '' }, response) => {
  const path = url.split('?', 1)[0];
  const [id] =
    Object.entries<Operation>(operations).find(
      ([, operation]) =>
        operation.method.toUpperCase() === method && operation.path.replace('{id}', 'front-door') === path,
    ) ?? [];
  called.push(id);
  const { answer } = (operationExamples[id as keyof typeof operationExamples] ?? {}) as { answer?: object };
  const status = answer === undefined ? 503 : 200;
  const body = answer !== undefined && 'nextCursor' in answer ? { ...answer, nextCursor: null } : answer;
  response.writeHead(status, { 'content-type': 'application/json', etag: '"1"' }).end(JSON.stringify(body));
});

// Packed and unpacked as npm does, outside the repository, so that only its own files and zod can be found.
beforeAll(async () => {
  folder = await createTemporaryFolder();
  const written = join(folder.path, 'package');
  await run(process.execPath, [
    join(root, 'tools/release/src/client-package.ts'),
    written,
    'https://example.org/camplane',
  ]);
  await run('pnpm', ['pack', '--pack-destination', folder.path], { cwd: written });
  installed = join(folder.path, 'app/node_modules/@camplane/api-client');
  await mkdir(installed, { recursive: true });
  const [archive = ''] = (await readdir(folder.path)).filter((file) => file.endsWith('.tgz'));
  await run('tar', ['-xzf', join(folder.path, archive), '--strip-components=1', '-C', installed]);
  await symlink(
    join(root, 'packages/api-client/node_modules/zod'),
    join(folder.path, 'app/node_modules/zod'),
  );
  await writeFile(join(folder.path, 'app/package.json'), '{"type":"module"}');
  const readme = await readFile(join(installed, 'README.md'), 'utf8');
  examples = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code);
  for (const [index, code] of examples.entries()) {
    await writeFile(join(folder.path, 'app', `example-${index}.ts`), code);
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await folder.remove();
});

describe('the package of the API client', () => {
  it('contains modules, declarations, README and licence, and depends on zod alone', async () => {
    const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as object;
    expect(manifest).toMatchObject({
      name: '@camplane/api-client',
      license: 'Apache-2.0',
      repository: { url: 'git+https://example.org/camplane.git', directory: 'packages/api-client' },
      engines: { node: expect.any(String) },
      types: './api-client/api-client.d.ts',
      dependencies: { zod: expect.stringMatching(/^\d/) },
    });
    expect(Object.keys((manifest as { dependencies: object }).dependencies)).toEqual(['zod']);
    expect(manifest).not.toHaveProperty('private');
    const files = (await readdir(installed, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['README.md', 'LICENSE']));
    for (const { parentPath, name } of files) {
      if (!/\.(js|ts)$/.test(name)) continue;
      expect(name).toMatch(/(?<!\.test)(\.js|\.d\.ts)$/);
      expect(await readFile(join(parentPath, name), 'utf8')).not.toMatch(/['"]@camplane|\.ts['"]|['"]node:/);
    }
  });

  it('compiles in a program that includes its README’s examples', async () => {
    expect(examples.length).toBeGreaterThan(3);
    const args = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
    const typeRoots = ['--typeRoots', join(root, 'node_modules/@types')];
    const files = examples.map((_, index) => `example-${index}.ts`);
    const compiled = await run(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), ...args, ...typeRoots, ...files],
      { cwd: join(folder.path, 'app') },
    ).catch((error: unknown) => error as { stdout: string });
    expect(compiled.stdout).toBe('');
  });

  it('runs the examples for Node.js', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const outputs: string[] = [];
    for (const [index, code] of examples.entries()) {
      if (code.includes('document.')) continue;
      const { stdout } = await run(process.execPath, [`example-${index}.ts`], {
        cwd: join(folder.path, 'app'),
        env: { PATH: process.env['PATH'], CAMPLANE_URL: url },
      });
      outputs.push(stdout);
    }
    expect(outputs[0]).toBe('front-door Front door\n');
    expect(outputs[1]).toContain('bad-answer The server answered 503');
    expect(called).toEqual(['listCameras', 'readSnapshot', 'readCamera', 'updateCamera', 'listDetections']);
  });
});
