import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operationPath, operations } from '@camplane/contracts/operations';
import { startTestMediaServer } from '@camplane/testkit/media-server';
import type { TestMediaServer } from '@camplane/testkit/media-server';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runApi } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';
import { statusOf } from '../testing/status-of.ts';
import { eventually } from '../testing/running-api.ts';

jest.setTimeout(60_000);

/** Has what an offer needs, so that the media server gets it. */
const sdp = [
  ...['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0'],
  ...['a=ice-ufrag:x7Yd', 'a=ice-pwd:0123456789abcdef01234567', 'a=fingerprint:sha-256 AA:BB'],
  ...['m=video 9 UDP/TLS/RTP/SAVPF 96', 'a=recvonly', 'a=rtpmap:96 H264/90000', ''],
].join('\r\n');
const whep = operationPath('createWhepSession', { id: 'a' });

/** Admits everybody. The camera has no path, as while its pod is unavailable. */
const hook = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(204).end());
});
let folder: string;
let media: TestMediaServer;
let api: RunningApi;

beforeAll(async () => {
  hook.listen(0, '127.0.0.1');
  await once(hook, 'listening');
  const { port } = hook.address() as AddressInfo;
  media = await startTestMediaServer({ auth: { url: `http://127.0.0.1:${port}/` } });
  folder = mkdtempSync(join(tmpdir(), 'camplane-webrtc-'));
  const webrtcUrl = `http://127.0.0.1:${media.ports.webrtc}`;
  api = await runApi({ dataDir: folder, media: { apiUrls: [], webrtcUrl } });
  await api.call('POST', operations.createStream.path, { id: 'a', rtspUrl: 'rtsp://192.0.2.10/a' });
});
afterAll(async () => {
  await api?.stop();
  await media?.stop();
  hook.close();
  rmSync(folder, { recursive: true, force: true });
});

const post = (path: string) => api.call('POST', path, sdp, { 'content-type': 'application/sdp' });

describe('a WebRTC session', () => {
  it('is refused with the reason and a time to retry while nothing is live and there is no slate', async () => {
    await api.publish(statusOf('a', { phase: 'ERROR', message: 'The camera refused the connection.' }));
    await eventually(async () => {
      const { status, body, headers } = await post(whep);
      expect([status, headers.get('retry-after'), body]).toMatchObject([
        409,
        '2',
        { code: 'not-live', detail: "Camera 'a' is not live: The camera refused the connection." },
      ]);
    });
  });

  it('is refused for the sub stream of a camera without one', async () => {
    const { status, body } = await post(`${whep}?quality=sub`);
    expect([status, body]).toMatchObject([400, { code: 'invalid-query', errors: [{ path: 'quality' }] }]);
  });

  it('names the media server as the reason while it is unavailable', async () => {
    await media.kill();
    const { status, body, headers } = await post(whep);
    expect([status, headers.get('retry-after'), body]).toMatchObject([
      503,
      '2',
      { code: 'service-unavailable' },
    ]);
  });
});
