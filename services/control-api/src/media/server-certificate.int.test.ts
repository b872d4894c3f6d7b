import { constants } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { createTestAuthority } from '@camplane/testkit/test-authority';
import type { IssuedCertificate, TestAuthority } from '@camplane/testkit/test-authority';
import { writeTestCertificate } from '@camplane/testkit/test-certificate';
import { webrtcServers } from './webrtc-servers.ts';

const hosts = ['DNS:media.test'];
const signal = new AbortController().signal;

describe('a WebRTC server with a certificate for another name than its address', () => {
  let folder: TemporaryFolder;
  let authority: TestAuthority;
  let certFile: string;
  let server: Server;

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    authority = createTestAuthority(folder.path);
    certFile = join(folder.path, 'pinned.crt');
  });
  afterEach(() => {
    server.close();
  });
  afterAll(() => folder?.remove());

  async function serve({ cert, key }: Pick<IssuedCertificate, 'cert' | 'key'>): Promise<string> {
    // Each request verifies the certificate: no connection and no TLS session is used again.
    const secureOptions = constants.SSL_OP_NO_TICKET;
    server = createServer({ cert, key, secureOptions, maxVersion: 'TLSv1.2' }, (_request, response) =>
      response.writeHead(204, { connection: 'close' }).end(),
    ).listen(0);
    await once(server, 'listening');
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  async function ask(webrtcUrl: string, file: string | undefined = certFile): Promise<number | string> {
    const servers = webrtcServers({ apiUrls: [], webrtcUrl, ...(file ? { certFile: file } : {}) });
    return servers.request(webrtcUrl, { method: 'OPTIONS', signal }).then(
      ({ status }) => status,
      (error: unknown) => String((error as Error).cause),
    );
  }

  it('is recognised by that certificate, from an authority that Node.js does not know', async () => {
    const issued = authority.issue('media', { hosts });
    const url = await serve(issued);
    copyFileSync(issued.certFile, certFile);
    expect(await ask(url)).toBe(204);
    expect(await ask(url, '')).toMatch(/unable to (verify|get)/);
  });

  it('is recognised by a self-signed certificate', async () => {
    const { cert, key } = writeTestCertificate(folder.path);
    writeFileSync(certFile, cert);
    expect(await ask(await serve({ cert, key }))).toBe(204);
  });

  it('is recognised by another certificate for the name, from an authority in the file', async () => {
    const [known, renewed] = [authority.issue('media', { hosts }), authority.issue('media', { hosts })];
    writeFileSync(certFile, known.cert + authority.caPem);
    expect(await ask(await serve(renewed))).toBe(204);
  });

  it('is recognised by the certificate before a renewed one, until it loads that', async () => {
    const [earlier, renewed, next] = ['1', '2', '3'].map((name) => authority.issue(name, { hosts }));
    if (!earlier || !renewed || !next) throw new Error('unreachable');
    const webrtcUrl = await serve(earlier);
    const servers = webrtcServers({ apiUrls: [], webrtcUrl, certFile });
    const askAgain = () => servers.request(webrtcUrl, { method: 'OPTIONS', signal });
    for (const { cert } of [earlier, renewed]) {
      writeFileSync(certFile, cert);
      expect((await askAgain()).status).toBe(204);
    }
    writeFileSync(certFile, next.cert);
    await expect(askAgain()).rejects.toThrow('did not answer');
  });

  it('is refused with a certificate for another name, or from another authority', async () => {
    const known = authority.issue('media', { hosts });
    writeFileSync(certFile, known.cert + authority.caPem);
    expect(await ask(await serve(authority.issue('other', { hosts: ['DNS:other.test'] })))).toMatch(
      /altnames/,
    );
    server.close();
    const stranger = createTestAuthority(folder.path, 'stranger').issue('media', { hosts });
    expect(await ask(await serve(stranger))).toMatch(/unable to get local issuer/);
  });
});
