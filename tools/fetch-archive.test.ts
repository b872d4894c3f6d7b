import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);

describe('fetch-archive.sh', () => {
  let folder: string;
  let server: Server;
  let url: string;
  let archive: Buffer;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'camplane-fetch-'));
    await mkdir(join(folder, 'source'));
    await writeFile(join(folder, 'source/program'), 'content');
    await run('tar', ['-czf', join(folder, 'a.tar.gz'), '-C', join(folder, 'source'), 'program']);
    archive = await readFile(join(folder, 'a.tar.gz'));
    server = createServer((_request, response) => response.end(archive)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.tar.gz`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  const target = () => join(folder, 'cache/target');

  async function fetchArchive(sum: string): Promise<string> {
    await writeFile(join(folder, 'sums'), `${sum}  a.tar.gz\n`);
    return run(join(import.meta.dirname, 'fetch-archive.sh'), [url, join(folder, 'sums'), target()]).then(
      () => 'fetched',
      ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stdout}${stderr}`,
    );
  }

  it('extracts an archive that has the expected sum', async () => {
    expect(await fetchArchive(createHash('sha256').update(archive).digest('hex'))).toBe('fetched');
    expect(await readFile(join(target(), 'program'), 'utf8')).toBe('content');
    expect(await readdir(join(folder, 'cache'))).toEqual(['target']);
  });

  it('leaves nothing behind if the sum differs', async () => {
    expect(await fetchArchive('0'.repeat(64))).toContain('a.tar.gz: FAILED');
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
  });

  it('fails at once if the server is unreachable', async () => {
    server.closeAllConnections();
    server.close();
    expect(await fetchArchive('0'.repeat(64))).toContain('curl: (7)');
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
  });
});
