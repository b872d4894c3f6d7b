import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventsUrl, operationUrl } from '@camplane/api-client/operation-url';
import { startZooCamera } from '@camplane/camera-simulator/zoo/zoo-camera';
import type { RunningZooCamera } from '@camplane/camera-simulator/zoo/zoo-camera';
import type { ZooCamera, ZooMode } from '@camplane/camera-simulator/zoo/zoo-row';
import type { CameraPhase } from '@camplane/contracts/camera-status';
import type { Operation } from '@camplane/contracts/operation';
import { operations } from '@camplane/contracts/operations';
import type { OperationId } from '@camplane/contracts/operations';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { createSecretFinder, filesWith } from '@camplane/testkit/files-with';
import { freePorts } from '@camplane/testkit/free-port';
import { startKafka } from '@camplane/testkit/kafka';
import type { TestKafka } from '@camplane/testkit/kafka';
import { clipCacheFolder, createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import { watchProcesses } from './process-watch.ts';
import type { ProcessWatch } from './process-watch.ts';

jest.setTimeout(240_000);

/** Without characters that any encoding changes, so that it is found wherever it leaks. */
const canary = 'canary7f3a9d51';
/** The end needs quoting in URLs and in FFmpeg's lists. */
const login = { username: 'viewer', password: `${canary}@/ %'` };
const other = { ...login, password: 'another-password' };
const mediaMtxPassword = 'media-server-password';
const serviceCallerPassword = 'between-services-0123456789-0123456789';

/** Every route of a password to a camera: each mode, FFmpeg itself and the relay, pictures over HTTP, a refused login. */
const sources: Record<string, { camera: ZooCamera; mode: ZooMode; phase: CameraPhase }> = {
  'direct-copy': { camera: { kind: 'rtsp', login: loginBy('md5') }, mode: 'copy', phase: 'RUNNING' },
  'direct-basic': { camera: { kind: 'rtsp', login: loginBy('basic') }, mode: 'copy', phase: 'RUNNING' },
  'direct-transcode': {
    camera: { kind: 'rtsp', login: loginBy('md5') },
    mode: 'transcode',
    phase: 'RUNNING',
  },
  'direct-overlay': { camera: { kind: 'rtsp', login: loginBy('md5') }, mode: 'overlay', phase: 'RUNNING' },
  'relay-copy': { camera: { kind: 'rtsp', login: loginBy('sha256') }, mode: 'copy', phase: 'RUNNING' },
  'relay-overlay': { camera: { kind: 'rtsp', login: loginBy('sha256') }, mode: 'overlay', phase: 'RUNNING' },
  snapshot: { camera: { kind: 'snapshot', login: loginBy('basic') }, mode: 'transcode', phase: 'RUNNING' },
  multipart: { camera: { kind: 'multipart', login: loginBy('md5') }, mode: 'transcode', phase: 'RUNNING' },
  refused: {
    camera: { kind: 'rtsp', login: { ...other, schemes: ['basic', 'md5'] } },
    mode: 'copy',
    phase: 'ERROR',
  },
};

function loginBy(scheme: 'basic' | 'md5' | 'sha256') {
  return { ...login, schemes: [scheme] };
}

const contains = createSecretFinder(canary);

describe('the password of a camera', () => {
  let folder: TemporaryFolder;
  let kafka: TestKafka;
  let camplane: Camplane;
  let watch: ProcessWatch;
  let ports: number[];
  let events: WebSocket;
  const cameras = new Map<string, RunningZooCamera>();
  const output: string[] = [];
  const received: string[] = [];

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    mkdirSync(join(folder.path, 'tmp'));
    [kafka, ports] = await Promise.all([startKafka(), freePorts(2)]);
    for (const [id, { camera }] of Object.entries(sources)) {
      cameras.set(id, await startZooCamera(camera, { cacheFolder: clipCacheFolder() }));
    }
    camplane = await startCamplane({
      dataFolder: join(folder.path, 'data'),
      onOutput: (text) => output.push(text),
      environment: {
        KAFKA_BROKERS: kafka.brokers.join(','),
        LOG_LEVEL: 'trace',
        LOG_FORMAT: 'json',
        TMPDIR: join(folder.path, 'tmp'),
        MEDIAMTX_API_PASSWORD: mediaMtxPassword,
        CAMERA_OPERATOR_PASSWORD: serviceCallerPassword,
        CAMERA_SERVICE_PORT: String(ports[0]),
        DETECTION_SERVICE_PORT: String(ports[1]),
      },
    });
    watch = watchProcesses(camplane.pid);
    events = new WebSocket(eventsUrl(camplane.url));
    events.addEventListener('message', ({ data }) => received.push(String(data)));
    for (const [id, { mode }] of Object.entries(sources)) {
      await camplane.createCamera({ id, ...bodyOf(id), displayName: `shown ${id}`, video: { mode } });
    }
    for (const [id, { phase }] of Object.entries(sources)) await camplane.waitForPhase(id, phase, 120_000);
  });

  afterAll(async () => {
    events?.close();
    await watch?.stop();
    await camplane?.stop();
    await Promise.all([...cameras.values()].map((camera) => camera.stop()));
    await kafka?.stop();
    await folder?.remove();
  });

  const bodyOf = (id: string) => ({ source: { url: cameras.get(id)?.url, credentials: login } });

  async function fetchText(url: string, init?: RequestInit): Promise<string> {
    const response = await fetch(url, init);
    const body = Buffer.from(await response.arrayBuffer()).toString('latin1');
    return `${response.status} ${JSON.stringify([...response.headers])} ${body}`;
  }

  /** Of an answer without an end. */
  async function fetchBeginning(url: string): Promise<string> {
    const chunks: Uint8Array[] = [];
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
      for await (const chunk of response.body ?? []) chunks.push(chunk as Uint8Array);
    } catch (error) {
      if ((error as { name?: string }).name !== 'TimeoutError') throw error;
    }
    return Buffer.concat(chunks).toString('latin1');
  }

  it('is in no answer of the API', async () => {
    const answers: string[] = [];
    for (const [name, operation] of Object.entries(operations) as [OperationId, Operation][]) {
      if (operation.method !== 'get' || operation.upgrade) continue;
      const ids = operation.path.includes('{id}') ? Object.keys(sources) : [''];
      const fetchAnswer = name === 'readMjpeg' ? fetchBeginning : fetchText;
      answers.push(
        ...(await Promise.all(ids.map((id) => fetchAnswer(operationUrl(camplane.url, name, { id }))))),
      );
    }
    const json = (method: string, body: unknown): RequestInit => ({
      method,
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    // Four sources may be probed at once.
    const changeAndProbe = async (id: string) => {
      const { source } = bodyOf(id);
      const replaced = operationUrl(camplane.url, 'replaceCamera', { id });
      const probed = operationUrl(camplane.url, 'probeSource');
      answers.push(
        await fetchText(probed, json('POST', { url: source.url, credentials: login })),
        await fetchText(probed, json('POST', { url: source.url, cameraId: id })),
        await fetchText(replaced, json('PUT', { source: { ...source, url: 'gopher://x' } })),
        await fetchText(
          replaced,
          json('PUT', { source: { ...source, url: `rtsp://u:${canary}@192.0.2.1/` } }),
        ),
        await fetchText(replaced, json('PUT', { source, password: canary, [canary.slice(0, 5)]: canary })),
        await fetchText(replaced, json('PUT', `{"source": {"credentials": {"password": "${canary}"`)),
      );
    };
    await Promise.all(['direct-copy', 'relay-copy', 'snapshot', 'refused'].map(changeAndProbe));
    const isOk = answers.filter((answer) => answer.startsWith('200 ')).length;
    expect(isOk).toBeGreaterThan(Object.keys(sources).length * 3);
    expect(answers.join()).toContain('shown direct-copy');
    expect(answers.filter((answer) => contains(answer))).toEqual([]);
  });

  it('is in no metric, and in nothing that the services and MediaMTX answer on their own ports', async () => {
    const authorization = `Basic ${Buffer.from(`camplane:${mediaMtxPassword}`).toString('base64')}`;
    const ofService = { authorization: `Bearer ${serviceCallerPassword}` };
    const paths = ['/metrics', '/healthz', '/readyz', '/cameras', '/status'];
    const urls = [camplane.url, ...ports.map((port) => `http://127.0.0.1:${port}`)];
    const answers = await Promise.all([
      ...urls.flatMap((url) => paths.map((path) => fetchText(`${url}${path}`, { headers: ofService }))),
      ...['config/global/get', 'config/paths/list', 'paths/list', 'rtspsessions/list', 'rtspconns/list'].map(
        (path) => fetchText(`${camplane.mediaMtxApiUrl}/v3/${path}`, { headers: { authorization } }),
      ),
    ]);
    expect(answers.join()).toContain('camplane_camera_readable');
    expect(answers.at(-3)).toContain('direct-copy');
    expect(answers.filter((answer) => contains(answer))).toEqual([]);
  });

  it('is in no event and no message of the bus', async () => {
    for (const id of ['direct-copy', 'refused']) {
      await camplane.send('stopCamera', { id });
      await camplane.send('startCamera', { id });
    }
    await waitUntil(
      () => received.filter((text) => text.includes('"refused"')).length,
      (count) => count >= 3,
      { timeoutMs: 30_000, what: 'events of the restarted camera' },
    );
    expect(received.filter((text) => contains(text))).toEqual([]);
    expect(filesWith(kafka.folder, 'direct-copy')).not.toEqual([]);
    expect(filesWith(kafka.folder, canary)).toEqual([]);
  });

  it('is in no argument list and no environment of a process', () => {
    const seen = watch.seen();
    const programs = new Set(seen.flatMap((text) => text.split('\0').map((word) => basename(word))));
    expect([...programs]).toEqual(expect.arrayContaining(['ffmpeg', 'mediamtx', 'postgres']));
    // Every camera with video has an FFmpeg that publishes it.
    const live = Object.keys(sources).filter((id) => sources[id]?.phase === 'RUNNING');
    const isPublished = (id: string) => seen.some((text) => text.replace(/\0+$/, '').endsWith(`/${id}`));
    expect(live.filter((id) => !isPublished(id))).toEqual([]);
    expect(seen.filter((text) => contains(text))).toEqual([]);
  });

  it('is in no file, neither during the run nor after it', async () => {
    expect(filesWith(join(folder.path, 'data'), 'shown direct-copy')).not.toEqual([]);
    expect(filesWith(folder.path, canary)).toEqual([]);
    await camplane.stop();
    expect(filesWith(folder.path, canary)).toEqual([]);
  });

  it('is in no line of the log at level trace', () => {
    const lines = output.join('').split('\n');
    const levels = new Set(lines.map((line) => /"level":"?(\w+)/.exec(line)?.[1]));
    expect([...levels]).toEqual(expect.arrayContaining(['debug', 'info']));
    expect(lines.filter((line) => line.includes('relay-overlay')).length).toBeGreaterThan(3);
    expect(lines.filter((line) => contains(line))).toEqual([]);
  });
});
