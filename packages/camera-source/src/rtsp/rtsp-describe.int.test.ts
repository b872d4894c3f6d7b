import { publishPattern } from '@camplane/testkit/publish-pattern';
import { startTestRtspServer } from '@camplane/testkit/rtsp-server';
import type { TestRtspServer } from '@camplane/testkit/rtsp-server';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anyNetworkPolicy, createCameraResolver } from '../network/camera-resolver.ts';
import { describeRtsp } from './rtsp-describe.ts';

const login = { username: 'viewer', password: 'canary-1' };

describe.each(['basic', 'digest'] as const)('describeRtsp against MediaMTX asking for %s', (method) => {
  let server: TestRtspServer;
  let publisher: { stop(): Promise<void> };

  beforeAll(async () => {
    server = await startTestRtspServer({ login, authMethods: [method] });
    publisher = await publishPattern({ port: server.port, size: '640x360', audio: true });
  });

  afterAll(async () => {
    await publisher?.stop();
    await server?.stop();
  });

  const ask = (path: string, credentials: typeof login | null) =>
    describeRtsp({
      resolver: createCameraResolver(anyNetworkPolicy),
      source: { kind: 'rtsp', secure: false, host: '127.0.0.1', port: server.port, path },
      credentials,
      timeoutMs: 10_000,
      signal: new AbortController().signal,
    });

  it('reads codec, size and sound with the right login', async () => {
    expect(await ask('/stream1', login)).toEqual({
      ok: true,
      video: { codec: 'h264', width: 640, height: 360 },
      audio: { codec: 'opus', sampleRate: 48_000, channels: 2 },
    });
  });

  it('distinguishes a wrong login from a missing one', async () => {
    expect(await ask('/stream1', { ...login, password: 'wrong' })).toEqual({
      ok: false,
      kind: 'CredentialsRefused',
      message: 'The camera refused the user or password (401).',
    });
    expect(await ask('/stream1', null)).toMatchObject({
      kind: 'CredentialsRefused',
      message: expect.stringContaining('none were given'),
    });
  });

  it('reports a path without a stream', async () => {
    expect(await ask('/other', login)).toMatchObject({ ok: false, kind: 'NotFound' });
  });
});
