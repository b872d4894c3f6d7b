import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { decideAccess } from '@camplane/mediamtx/auth-hook';
import type { AuthRequest } from '@camplane/mediamtx/auth-request';
import { authRequestSchema } from '@camplane/mediamtx/auth-request';
import { openGate } from '@camplane/mediamtx/reader-gate';
import { createServicePasses } from '@camplane/mediamtx/service-passes';
import type { ServicePasses } from '@camplane/mediamtx/service-passes';
import { cameraPath } from '@camplane/mediamtx/camera-path';
import { portUsesOf } from '@camplane/mediamtx/configuration';
import { silentLog } from '@camplane/mediamtx/log';
import { runMediaServer } from '@camplane/mediamtx/media-server-process';
import type { PathObservation } from '@camplane/mediamtx/path-observation';
import { createPathKeeper } from '@camplane/mediamtx/path-keeper';
import { monotonicClock } from '@camplane/runtime/clock';
import type { TestMediaServer } from './media-server.ts';
import { startTestMediaServer } from './media-server.ts';
import { assertNoDescendants, descendantsOf } from './processes.ts';
import { waitUntil } from './wait-until.ts';

jest.setTimeout(60_000);

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
  await assertNoDescendants(process.pid);
});

async function start(options: Parameters<typeof startTestMediaServer>[0]): Promise<TestMediaServer> {
  const server = await startTestMediaServer(options);
  ending.push(() => server.stop());
  return server;
}

/** Publishes a test pattern over RTSP; `ended` resolves with FFmpeg's error output. */
function publish(url: string): { ended: Promise<string> } {
  const input = ['-re', '-f', 'lavfi', '-i', 'testsrc=s=320x240:r=15'];
  const encoder = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-g',
    '15',
    '-pix_fmt',
    'yuv420p',
  ];
  const output = ['-f', 'rtsp', '-rtsp_transport', 'tcp', url];
  const child = spawn('ffmpeg', ['-loglevel', 'error', '-nostdin', ...input, ...encoder, ...output], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errorOutput = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errorOutput += text));
  const ended = once(child, 'close').then(() => errorOutput);
  ending.push(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { ended };
}

describe('MediaMTX with the configuration of this package', () => {
  it('accepts the configuration and reports its version', async () => {
    const server = await start({ auth: 'none' });
    expect((await server.api.info()).version).toBe('v1.20.1');
  });

  it('adds, replaces, patches and deletes paths', async () => {
    const { api } = await start({ auth: 'none' });
    await api.addPath('front-door', cameraPath({ kind: 'none' }));
    await expect(api.addPath('front-door', cameraPath({ kind: 'none' }))).rejects.toMatchObject({
      kind: 'refused',
    });
    await api.replacePath('front-door/sub', cameraPath({ kind: 'tracks', tracks: [{ codec: 'H264' }] }));
    await waitUntil(
      () => api.getPath('front-door/sub'),
      (path) => path?.available === true && !path.online,
      { what: 'the slate is available' },
    );
    await api.patchPath('front-door', { overridePublisher: true });
    expect((await api.listPaths()).map((path) => path.name).sort()).toEqual(['front-door', 'front-door/sub']);
    expect((await api.listPathConfigs()).map((path) => path.name)).toContain('front-door/sub');
    expect(await api.deletePath('front-door')).toBe(true);
    expect(await api.deletePath('front-door')).toBe(false);
    expect(await api.getPath('front-door')).toBeUndefined();
  });

  it('reports a missing slate file', async () => {
    const { api } = await start({ auth: 'none' });
    await expect(
      api.replacePath('a', cameraPath({ kind: 'file', file: '/nowhere.mp4' })),
    ).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('alwaysAvailableFile') as unknown,
    });
  });

  it('names a taken port', async () => {
    const first = await start({ auth: 'none' });
    const run = runMediaServer({
      binary: 'mediamtx',
      configurationFile: '/nowhere',
      portUses: portUsesOf(first.ports),
      probe: () => Promise.resolve(),
      signal: new AbortController().signal,
      log: silentLog,
      onReady: () => undefined,
    });
    await expect(run).rejects.toThrow(
      /^port \d+ \(MediaMTX (RTSP|HLS|WebRTC|API|metrics|WebRTC media)\) is taken: /,
    );
  });

  it('distinguishes an unreachable server from one that does not respond', async () => {
    const server = await start({ auth: 'none' });
    process.kill(server.pid, 'SIGSTOP');
    await waitUntil(
      async () => (await descendantsOf(process.pid)).find((child) => child.pid === server.pid)?.state,
      (state) => state === 'T',
      { what: 'MediaMTX is stopped' },
    );
    await expect(server.api.info()).rejects.toMatchObject({ kind: 'timed-out', retryable: true });
    process.kill(server.pid, 'SIGCONT');
    await server.kill();
    await expect(server.api.info()).rejects.toMatchObject({ kind: 'unreachable', retryable: true });
  });
});

describe('path keeper', () => {
  function keep(server: TestMediaServer) {
    const ups: boolean[] = [];
    let observed: ReadonlyMap<string, PathObservation> = new Map();
    const keeper = createPathKeeper({
      api: server.api,
      pollIntervalMs: 50,
      log: silentLog,
      onObserved: (paths) => (observed = paths),
      onUpChange: (up) => ups.push(up),
    });
    const stop = new AbortController();
    const running = keeper.run(stop.signal);
    ending.push(async () => {
      stop.abort();
      await running;
    });
    return { keeper, ups, observed: () => observed };
  }

  it('pushes every path again after a kill of MediaMTX, before it reports up', async () => {
    const server = await start({ auth: 'none' });
    const { keeper, ups, observed } = keep(server);
    await waitUntil(() => keeper.up, Boolean, { what: 'up' });
    expect(await keeper.set('a', cameraPath({ kind: 'tracks', tracks: [{ codec: 'H264' }] }))).toBe(true);
    await server.kill();
    await waitUntil(
      () => keeper.up,
      (up) => !up,
      { what: 'down' },
    );
    expect(await keeper.set('b/sub', cameraPath({ kind: 'none' }))).toBe(false);
    await server.restart();
    await waitUntil(() => keeper.up, Boolean, { what: 'up again' });
    expect((await server.api.listPaths()).map((path) => path.name).sort()).toEqual(['a', 'b/sub']);
    await waitUntil(() => observed().get('a')?.available, Boolean, { what: 'the slate is observed' });
    expect(ups).toEqual([true, false, true]);
  });

  it('replaces a path only if its configuration changed', async () => {
    const server = await start({ auth: 'none' });
    const { keeper, observed } = keep(server);
    await waitUntil(() => keeper.up, Boolean, { what: 'up' });
    await keeper.set('a', cameraPath({ kind: 'none' }));
    publish(server.rtspUrl('a'));
    await waitUntil(
      () => observed().get('a'),
      (path) => path?.online === true,
      { what: 'the publisher is online' },
    );
    const { onlineTime } = (await server.api.getPath('a')) ?? {};
    await keeper.set('a', cameraPath({ kind: 'none' }));
    expect((await server.api.getPath('a'))?.onlineTime).toBe(onlineTime);
    await keeper.set('a', cameraPath({ kind: 'tracks', tracks: [{ codec: 'H264' }] }));
    expect((await server.api.getPath('a'))?.onlineTime).not.toBe(onlineTime);
    expect(await keeper.remove('a')).toBe(true);
    expect(await server.api.listPaths()).toEqual([]);
  });

  it('keeps the other paths if one is refused', async () => {
    const server = await start({ auth: 'none' });
    const { keeper } = keep(server);
    await waitUntil(() => keeper.up, Boolean, { what: 'up' });
    await expect(keeper.set('bad', cameraPath({ kind: 'file', file: '/nowhere.mp4' }))).rejects.toMatchObject(
      {
        kind: 'refused',
      },
    );
    await keeper.set('good', cameraPath({ kind: 'none' }));
    await server.kill();
    await server.restart();
    await waitUntil(
      async () => (await server.api.listPaths()).map((path) => path.name),
      (names) => names.includes('good'),
      { what: 'the valid path exists again' },
    );
  });
});

describe('the authentication hook', () => {
  async function startHook(): Promise<{ url: string; requests: AuthRequest[]; passes: ServicePasses }> {
    const requests: AuthRequest[] = [];
    const passes = createServicePasses(monotonicClock);
    const rules = {
      isKnownPath: (path: string) => path === 'known',
      apiCredentials: { username: 'camplane', password: 'secret' },
      passes,
      gate: openGate,
    };
    const server: Server = createServer((request, response) => {
      json(request)
        .then((body) => {
          const parsed = authRequestSchema.parse(body);
          requests.push(parsed);
          response.writeHead(decideAccess(parsed, rules).allow ? 200 : 401).end();
        })
        .catch(() => response.writeHead(500).end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ending.push(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port assigned');
    return { url: `http://127.0.0.1:${address.port}/`, requests, passes };
  }

  async function startHooked() {
    const hook = await startHook();
    const server = await start({
      auth: { url: hook.url },
      controlAccess: 'hook',
      apiCredentials: { username: 'camplane', password: 'secret' },
    });
    await server.api.addPath('known', cameraPath({ kind: 'tracks', tracks: [{ codec: 'H264' }] }));
    await server.api.addPath('foreign', cameraPath({ kind: 'none' }));
    return { ...hook, server };
  }

  it('lets FFmpeg publish to a known path with a pass, once', async () => {
    const { server, passes } = await startHooked();
    const url = passes.addTo(server.rtspUrl('known'), { use: 'publish', path: 'known' });
    publish(url);
    await waitUntil(
      () => server.api.getPath('known'),
      (path) => path?.online === true,
      { what: 'publishing' },
    );
    expect(await publish(url).ended).toMatch(/401 /);
    expect(await publish(server.rtspUrl('known')).ended).toMatch(/401 /);
  });

  it('refuses unknown paths in the same way as those of others', async () => {
    const { server, passes } = await startHooked();
    for (const path of ['foreign', 'nowhere']) {
      const url = passes.addTo(server.rtspUrl(path), { use: 'publish', path });
      expect(await publish(url).ended).toMatch(/401 /);
      for (const address of [server.hlsUrl(path), server.whepUrl(path)]) {
        const method = address.includes('whep') ? 'POST' : 'GET';
        const headers = { 'content-type': 'application/sdp' };
        expect((await fetch(address, { method, headers })).status).toBe(401);
      }
    }
  });

  it('refuses WHIP, which a web page could use', async () => {
    const { server, requests } = await startHooked();
    const response = await fetch(server.whepUrl('known').replace('/whep', '/whip'), {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: 'v=0\r\n',
    });
    expect(response.status).toBe(401);
    expect(requests.some((request) => request.action === 'publish' && request.protocol === 'webrtc')).toBe(
      true,
    );
  });

  it('receives the path and session of readers', async () => {
    const { server, requests } = await startHooked();
    await fetch(server.hlsUrl('known'));
    expect(requests.find((request) => request.protocol === 'hls')).toMatchObject({
      action: 'read',
      path: 'known',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
    });
  });

  it('refuses a web page that posts to the control API', async () => {
    const { server } = await startHooked();
    const response = await fetch(`http://127.0.0.1:${server.ports.api}/v3/config/paths/add/evil`, {
      method: 'POST',
      body: JSON.stringify({ runOnInit: 'true' }),
    });
    expect(response.status).toBe(401);
    expect(await server.api.getPath('evil')).toBeUndefined();
  });
});
