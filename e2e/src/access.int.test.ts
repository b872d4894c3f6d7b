import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { operationUrl } from '@camplane/api-client/operation-url';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { passwordResetFolder } from '@camplane/contracts/password-reset';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { ffprobeStream, followFrames, readFrames } from '@camplane/testkit/read-stream';
import { signIn } from '@camplane/testkit/sign-in';
import type { SignedIn } from '@camplane/testkit/sign-in';
import { waitUntil } from '@camplane/testkit/wait-until';
import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cameraBody, startCamera } from './cameras.ts';

const commandLine = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
const sam = { username: 'sam', password: 'plum kettle orbit 47' };
const cameras = ['door', 'garage', 'yard'] as const;
const revokedWithinMs = 2_000;
const idsOf = (answer: { body: unknown }) =>
  (answer.body as { items: { id: string }[] }).items.map(({ id }) => id).sort();

/** The tests run in this order; each continues where the previous one ended. */
describe('one machine with users', () => {
  let simulated: SimulatedCamera;
  let camplane: Camplane;
  let admin: SignedIn;
  let viewer: SignedIn;
  let samToken: string;

  const start = (dataFolder?: string) =>
    startCamplane({ environment: { CAMPLANE_AUTH: 'local' }, ...(dataFolder ? { dataFolder } : {}) });
  const welcomeToken = () =>
    /ready: http:\/\/127\.0\.0\.1:\d+\/welcome#(\S+)/.exec(camplane.output())?.[1] ?? '';
  const rtsp = (login: string, id: string) => `${camplane.rtspUrl.replace('//', `//${login}@`)}/${id}`;

  beforeAll(async () => {
    simulated = await startCamera();
    camplane = await start();
  }, 120_000);

  afterAll(async () => {
    await camplane?.dispose();
    await simulated?.stop();
  }, 60_000);

  it('prints an address that signs the first administrator in, once', async () => {
    admin = await signIn(camplane.url, { welcomeToken: welcomeToken() });
    expect(await admin.client.readSession()).toMatchObject({ username: 'admin', method: 'session' });
    await expect(signIn(camplane.url, { welcomeToken: welcomeToken() })).rejects.toThrow('401');
  });

  it('keeps the first password in a private file, and out of its output', async () => {
    const file = join(camplane.dataFolder, 'admin-password');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const password = (await readFile(file, 'utf8')).trim();
    expect(camplane.output()).toContain(file);
    expect(camplane.output()).not.toContain(password);
    const session = await signIn(camplane.url, { username: 'admin', password });
    expect(await session.client.readSession()).toMatchObject({ username: 'admin' });
  });

  it('answers callers without a login only that they have to sign in', async () => {
    expect((await camplane.send('listCameras')).status).toBe(401);
    expect((await camplane.send('readCamera', { id: 'door' })).status).toBe(401);
    expect((await camplane.send('listUsers')).status).toBe(401);
  });

  it('makes a viewer for two of three cameras', async () => {
    for (const id of cameras) {
      const body = cameraBody(id, simulated, { detection: { enabled: false } });
      expect((await admin.send('createCamera', { body })).status).toBe(201);
    }
    const scope = { kind: 'cameras' as const, ids: ['door', 'garage'] };
    await admin.client.createUser({ body: { ...sam, grants: [{ role: 'viewer', scope }] } });
    viewer = await signIn(camplane.url, sam);
  });

  it('shows the viewer those two, and answers for the third as for one that does not exist', async () => {
    expect(idsOf(await admin.send('listCameras'))).toEqual([...cameras]);
    expect(idsOf(await viewer.send('listCameras'))).toEqual(['door', 'garage']);
    expect((await viewer.send('readCamera', { id: 'door' })).status).toBe(200);
    for (const operation of ['readCamera', 'readStatus', 'readSnapshot', 'deleteCamera'] as const) {
      const [foreign, absent] = [
        await viewer.send(operation, { id: 'yard' }),
        await viewer.send(operation, { id: 'gone' }),
      ];
      const expected = JSON.parse(JSON.stringify(absent.body).replaceAll('gone', 'yard')) as unknown;
      expect([operation, foreign.status, foreign.body]).toEqual([operation, 404, expected]);
    }
    expect((await viewer.send('listUsers')).status).toBe(403);
    expect((await viewer.send('deleteCamera', { id: 'door' })).status).toBe(403);
  });

  it('plays these two over RTSP with an API token, and refuses the third', async () => {
    samToken = await viewer.createToken({ name: 'vlc' });
    for (const id of ['door', 'garage']) {
      const frames = await readFrames({
        ...{ url: rtsp(`sam:${samToken}`, id), pixelFormat: 'gray', frames: 10, timeoutMs: 30_000 },
        ...{ width: 64, height: 36 },
      });
      expect(frames).toHaveLength(10);
    }
    // Programs without RTSP, such as Debian's VLC, read HLS with the same login.
    const { endpoints } = await viewer.client.readStatus({ id: 'door' });
    const hls = (id: string) =>
      `${endpoints.hls?.replace('//', `//sam:${samToken}@`).replace(/\/door\b.*/, `/${id}`)}/index.m3u8`;
    expect(await ffprobeStream(hls('door'), 30_000)).toMatchObject({ streams: [{ codec_name: 'h264' }] });
    await expect(ffprobeStream(hls('yard'), 30_000)).rejects.toThrow(/401/);

    const refusalOf = (url: string) =>
      ffprobeStream(url).then(
        () => 'played',
        (error: Error) => error.message.replaceAll(/ @ 0x[0-9a-f]+|\/(yard|gone)/g, ''),
      );
    // MediaMTX delays each refusal by seconds.
    const [foreign, absent, ...others] = await Promise.all([
      refusalOf(rtsp(`sam:${samToken}`, 'yard')),
      refusalOf(rtsp(`sam:${samToken}`, 'gone')),
      refusalOf(rtsp(`sam:${encodeURIComponent(sam.password)}`, 'door')),
      refusalOf(`${camplane.rtspUrl}/door`),
      // Only Sam's name goes with Sam's token.
      refusalOf(rtsp(`admin:${samToken}`, 'door')),
    ]);
    expect(foreign).toMatch(/401|403|404/);
    expect(foreign).toBe(absent);
    expect(others).toEqual(others.map(() => expect.stringContaining('401')));
  }, 120_000);

  it('keeps sessions and tokens over a restart, and prints a new address', async () => {
    const before = welcomeToken();
    const { dataFolder } = camplane;
    await camplane.stop();
    camplane = await start(dataFolder);
    expect(welcomeToken()).not.toBe(before);
    expect(welcomeToken().length).toBeGreaterThan(30);
    for (const headers of [{ cookie: viewer.cookie }, { authorization: `Bearer ${samToken}` }]) {
      const answer = await fetch(operationUrl(camplane.url, 'listCameras'), { headers });
      expect(idsOf({ body: await answer.json() })).toEqual(['door', 'garage']);
    }
  }, 120_000);

  it('ends running video when the right to it is taken away', async () => {
    const other = await signIn(camplane.url, {
      username: 'admin',
      password: (await readFile(join(camplane.dataFolder, 'admin-password'), 'utf8')).trim(),
    });
    const user = (await other.client.listUsers()).items.find(({ username }) => username === 'sam');
    let lastMs = 0;
    let frames = 0;
    const watching = followFrames(
      {
        ...{ url: rtsp(`sam:${samToken}`, 'garage'), pixelFormat: 'gray', seconds: 60, timeoutMs: 20_000 },
        ...{ width: 64, height: 36 },
      },
      () => {
        frames++;
        lastMs = performance.now();
      },
    );
    watching.catch(() => undefined);
    await Promise.race([
      watching,
      waitUntil(
        () => frames,
        (count) => count >= 10,
        { what: 'frames before the change', timeoutMs: 30_000 },
      ),
    ]);
    const scope = { kind: 'cameras' as const, ids: ['door'] };
    await other.client.replaceUser({ id: user?.id ?? '', body: { grants: [{ role: 'viewer', scope }] } });
    const changedMs = performance.now();
    await expect(watching).rejects.toThrow('after');
    expect(lastMs - changedMs).toBeLessThan(revokedWithinMs);
  }, 120_000);

  it('resets a password on the machine, and ends the sessions of that user', async () => {
    const args = [commandLine, 'user', 'reset', 'sam', '--data-dir', camplane.dataFolder];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const headers = { cookie: viewer.cookie };
    expect((await fetch(operationUrl(camplane.url, 'listCameras'), { headers })).status).toBe(401);
    await expect(signIn(camplane.url, sam)).rejects.toThrow('401');
    const session = await signIn(camplane.url, { username: 'sam', password: stdout.trim() });
    expect(await session.client.readSession()).toMatchObject({ username: 'sam' });
    expect(await readdir(join(camplane.dataFolder, passwordResetFolder))).toEqual([]);
    expect(camplane.output()).not.toContain(stdout.trim());

    const unknown = promisify(execFile)(process.execPath, [...args.slice(0, 3), 'ghost', ...args.slice(4)]);
    await expect(unknown).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('ghost') });
  }, 60_000);
});
