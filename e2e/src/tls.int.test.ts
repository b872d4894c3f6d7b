import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operationPath } from '@camplane/contracts/operations';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { freePorts } from '@camplane/testkit/free-port';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { writeTestCertificate } from '@camplane/testkit/test-certificate';
import type { TestCertificate } from '@camplane/testkit/test-certificate';
import { waitUntil } from '@camplane/testkit/wait-until';

jest.setTimeout(120_000);

describe('Camplane with a certificate', () => {
  let folder: TemporaryFolder;
  let certificate: TestCertificate;
  let camplane: Camplane;
  let ports: { hls: number; webrtc: number; rtsps: number; cameraService: number };

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    certificate = writeTestCertificate(folder.path);
    const [hls = 0, webrtc = 0, rtsps = 0, cameraService = 0] = await freePorts(4);
    ports = { hls, webrtc, rtsps, cameraService };
    camplane = await startCamplane({
      environment: {
        TLS_CERT_FILE: certificate.certFile,
        TLS_KEY_FILE: certificate.keyFile,
        HLS_PORT: String(hls),
        WEBRTC_PORT: String(webrtc),
        RTSPS_PORT: String(rtsps),
        CAMERA_SERVICE_PORT: String(cameraService),
      },
    });
  });

  afterAll(async () => {
    await camplane?.dispose();
    await folder?.remove();
  });

  /** Over TLS, with the given certificate as the only trusted one. */
  async function send(
    url: string,
    options: { method?: string; body?: object; trusted?: TestCertificate } = {},
  ): Promise<{ status: number | undefined; text: string }> {
    const { method = 'GET', body, trusted = certificate } = options;
    const sending = request(url, {
      ...{ method, agent: false, headers: { 'content-type': 'application/json' } },
      ...{ ca: trusted.cert, checkServerIdentity: () => undefined },
    });
    sending.end(body && JSON.stringify(body));
    const [response] = (await once(sending, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode, text: Buffer.concat(chunks).toString() };
  }

  const api = (path: string) => camplane.url.replace('http:', 'https:') + path;

  it('serves the API, HLS, WebRTC and RTSPS over TLS, and names their addresses', async () => {
    expect(camplane.output()).toContain(`Camplane is ready: ${api('')}`);
    const body = { id: 'door', source: { url: 'test:testsrc2' } };
    const cameras = operationPath('createCamera');
    expect((await send(api(cameras), { method: 'POST', body })).status).toBe(201);
    const { text } = await waitUntil(
      () => send(api(`${cameras}/door/status`)),
      (answer) => answer.text.includes('"RUNNING"'),
      { timeoutMs: 60_000, what: 'camera RUNNING' },
    );
    const { endpoints } = JSON.parse(text) as { endpoints: { hls: string; webrtc: string } };
    expect(endpoints.hls).toContain(`https://127.0.0.1:${ports.hls}/door`);
    expect(endpoints.webrtc).toContain(`https://127.0.0.1:${ports.webrtc}/door`);

    // MediaMTX redirects once, to set a cookie.
    expect((await send(`https://127.0.0.1:${ports.hls}/door/index.m3u8`)).status).toBeLessThan(400);
    const whep = await send(`https://127.0.0.1:${ports.webrtc}/door/whep`, { method: 'OPTIONS' });
    expect(whep.status).toBe(204);
    const url = `rtsps://127.0.0.1:${ports.rtsps}/door`;
    const probing = promisify(execFile)('ffprobe', ['-v', 'error', '-show_streams', '-of', 'json', url]);
    expect((await probing).stdout).toContain('"codec_name": "h264"');
    await expect(fetch(`http://127.0.0.1:${ports.hls}/door/index.m3u8`)).resolves.toMatchObject({
      ok: false,
    });
  });

  it('takes snapshots for control-api, and refuses others at the port of camera-service', async () => {
    expect((await send(api(operationPath('readSnapshot', { id: 'door' })))).status).toBe(200);
    const own = `http://127.0.0.1:${ports.cameraService}`;
    for (const path of ['/cameras', '/cameras/door/status', '/cameras/door/snapshot']) {
      expect((await fetch(own + path)).status).toBe(401);
    }
    expect((await fetch(`${own}/healthz`)).status).toBe(200);
  });

  it('serves a replaced certificate everywhere without a restart', async () => {
    const replaced = writeTestCertificate(folder.path);
    const addresses = [
      api('/healthz'),
      ...[ports.hls, ports.webrtc].map((port) => `https://127.0.0.1:${port}/`),
    ];
    for (const address of addresses) {
      await waitUntil(
        () => send(address, { trusted: replaced }).catch(() => null),
        (answer) => answer !== null,
        { timeoutMs: 30_000, what: `the new certificate at ${address}` },
      );
      await expect(send(address)).rejects.toThrow(/certificate|signature/);
    }
  });
});
