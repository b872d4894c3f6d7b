import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operationUrl } from '@camplane/api-client/operation-url';
import { ffprobeStream, readFrames } from '@camplane/testkit/read-stream';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { ComposeMachine } from './compose-machine.ts';
import { startComposeMachine } from './compose-machine.ts';

jest.setTimeout(300_000);

const container = 'camplane_camplane_1';
const onLoopback = 'http://127.0.0.1:8080';
const liveWithinMs = 120_000;

/** The tests run in this order; each continues where the previous one ended. */
describe('compose.yaml with Podman', () => {
  let machine: ComposeMachine;

  beforeAll(async () => {
    machine = await startComposeMachine();
  }, 900_000);

  afterAll(async () => {
    await machine?.stop();
  });

  /** An API token of the administrator. Kept in the volume, like its user. */
  let token = '';
  const curl = (...args: string[]) =>
    machine.run('curl', [
      ...['--silent', '--show-error', '--location', '--fail', '--max-time', '10'],
      ...(token === '' ? [] : ['--header', `Authorization: Bearer ${token}`]),
      ...args,
    ]);
  /** As the guide says: with the password in the volume. */
  const createToken = async (api: string) => {
    token = '';
    const post = (operation: 'createSession' | 'createToken', body: object, ...args: string[]) =>
      curl(
        ...['--header', 'Content-Type: application/json', '--data', JSON.stringify(body), ...args],
        operationUrl(api, operation),
      );
    const password = await machine.run('podman', ['exec', container, 'cat', '/data/admin-password']);
    const headers = await post(
      'createSession',
      { username: 'admin', password: password.trim() },
      ...['--output', '/dev/null', '--dump-header', '-'],
    );
    const cookie = /^set-cookie: ([^;]+)/im.exec(headers)?.[1] ?? '';
    const permissions = ['camera.view', 'camera.configure'];
    const body = { name: 'compose', permissions, scope: { kind: 'all' } };
    const created = await post('createToken', body, '--header', `Cookie: ${cookie}`);
    return (JSON.parse(created) as { secret: string }).secret;
  };
  const statusOnLoopback = async (camera: string) =>
    JSON.parse(await curl(operationUrl(onLoopback, 'readStatus', { id: camera }))) as { phase: string };
  const status = async (camera: string) => {
    const url = operationUrl(`http://${machine.address}:8080`, 'readStatus', { id: camera });
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    return (await response.json()) as { phase: string };
  };
  const untilRunning = (look: () => Promise<{ phase: string }>) =>
    waitUntil(look, ({ phase }) => phase === 'RUNNING', {
      what: 'the camera is RUNNING',
      timeoutMs: liveWithinMs,
      intervalMs: 500,
    });

  it('shows the demonstration camera on loopback with the default settings', async () => {
    await machine.compose(['up', '--detach']);
    token = await waitUntil(
      () => createToken(onLoopback).catch(() => ''),
      (secret) => secret !== '',
      { what: 'the API accepts the first password', timeoutMs: liveWithinMs, intervalMs: 500 },
    );
    await untilRunning(() => statusOnLoopback('demo'));

    const size = await curl(
      ...['--output', '/dev/null', '--write-out', '%{content_type} %{size_download}'],
      operationUrl(onLoopback, 'readSnapshot', { id: 'demo' }),
    );
    expect(size).toMatch(/^image\/jpeg [1-9]\d{3,}$/);
    for (const url of [
      `rtsp://admin:${token}@127.0.0.1:8554/demo`,
      `http://admin:${token}@127.0.0.1:8888/demo/index.m3u8`,
    ]) {
      const frame = await machine.run('ffmpeg', [
        ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-i', url],
        ...['-frames:v', '1', '-f', 'framehash', '-hash', 'md5', 'pipe:1'],
      ]);
      expect(frame).toMatch(/#dimensions 0: 1280x720/);
    }
    expect(await curl('--header', 'Accept: text/html', `${onLoopback}/`)).toContain('id="root"');
  });

  it('is not reachable from other machines with the default settings', async () => {
    await expect(fetch(`http://${machine.address}:8080/healthz`)).rejects.toThrow('fetch failed');
  });

  // Node.js calls its first thread MainThread.
  it('runs every process as user 10001 without capabilities', async () => {
    const lines = (await machine.run('podman', ['top', container, 'huser', 'capeff', 'comm']))
      .trim()
      .split('\n');
    const processes = lines.slice(1).map((line) => line.trim().split(/\s+/));
    expect(processes.map(([, , name]) => name)).toEqual(
      expect.arrayContaining(['MainThread', 'mediamtx', 'ffmpeg']),
    );
    for (const [user, capabilities] of processes) expect([user, capabilities]).toEqual(['10001', 'none']);
  });

  it('passes its health check', async () => {
    await machine.run('podman', ['healthcheck', 'run', container]);
  });

  it('starts again after a crash', async () => {
    await machine.run('podman', ['exec', container, 'sh', '-c', 'kill -9 $(pidof node)']);
    await waitUntil(
      () => machine.run('podman', ['inspect', '--format', '{{.RestartCount}} {{.State.Running}}', container]),
      (text) => text.trim() === '1 true',
      { what: 'the container was restarted', timeoutMs: 60_000, intervalMs: 500 },
    );
    await untilRunning(() => statusOnLoopback('demo'));
  });

  it('keeps cameras in the volume and serves other machines where PUBLISH_ADDRESS says so', async () => {
    const camera = { id: 'pattern', displayName: 'Pattern', source: { url: 'test:testsrc2' } };
    await curl(
      ...['--header', 'Content-Type: application/json', '--data', JSON.stringify(camera)],
      operationUrl(onLoopback, 'createCamera'),
    );
    await machine.compose(['down']);
    expect(await machine.run('podman', ['ps', '--all', '--quiet'])).toBe('');
    expect(await machine.run('podman', ['volume', 'ls', '--format', '{{.Name}}'])).toBe('camplane_data\n');

    await machine.compose(['up', '--detach'], {
      settings: { PUBLISH_ADDRESS: machine.address, CAMPLANE_PUBLIC_HOST: machine.address },
    });
    await untilRunning(() => status('pattern'));
    const frames = await readFrames({
      url: `rtsp://admin:${token}@${machine.address}:8554/pattern`,
      pixelFormat: 'gray',
      frames: 5,
    });
    expect(frames).toHaveLength(5);
    expect(
      await ffprobeStream(`http://admin:${token}@${machine.address}:8888/pattern/index.m3u8`),
    ).toMatchObject({
      streams: [{ codec_name: 'h264' }],
    });
  });

  it('uses Kafka and PostgreSQL with the files for them', async () => {
    const files = ['compose.yaml', 'compose.kafka.yaml', 'compose.postgres.yaml'];
    const settings = { POSTGRES_PASSWORD: 'not-the-default', PUBLISH_ADDRESS: machine.address };
    // Camplane creates the demonstration camera once per data volume.
    await machine.compose(['down', '--volumes']);
    await machine.compose(['up', '--detach'], { files, settings });
    token = await waitUntil(
      () => createToken(`http://${machine.address}:8080`).catch(() => ''),
      (secret) => secret !== '',
      { what: 'the API accepts the first password', timeoutMs: liveWithinMs, intervalMs: 500 },
    );
    await untilRunning(() => status('demo'));

    const rows = await machine.run('podman', [
      ...['exec', 'camplane_postgres_1', 'psql', '--username', 'camplane', '--tuples-only', '--no-align'],
      ...['--command', 'select id from camera'],
    ]);
    expect(rows.trim()).toBe('demo');
    const topics = await machine.run('podman', [
      ...['exec', 'camplane_kafka_1', '/opt/kafka/bin/kafka-topics.sh'],
      ...['--bootstrap-server', '127.0.0.1:9092', '--list'],
    ]);
    expect(topics.split('\n')).toContain('camplane.frames');
    await machine.run('podman', ['healthcheck', 'run', 'camplane_kafka_1']);
    await machine.run('podman', ['healthcheck', 'run', 'camplane_postgres_1']);
    await machine.compose(['down', '--volumes'], { files, settings });
    expect(await machine.run('podman', ['volume', 'ls', '--quiet'])).toBe('');
  });
});
