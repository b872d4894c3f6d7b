import { defaultFfmpegLimits } from '@camplane/ffmpeg/process-limits';
import { parseCameraNetworks } from '@camplane/camera-source/network/camera-networks';
import { anyNetworkPolicy } from '@camplane/camera-source/network/camera-resolver';
import type { CameraNetworkPolicy } from '@camplane/camera-source/network/camera-resolver';
import { startDeviatingCamera } from '@camplane/camera-simulator/rtsp/deviating-camera';
import type { DeviatingCamera } from '@camplane/camera-simulator/rtsp/deviating-camera';
import type { RtspDeviation } from '@camplane/camera-simulator/rtsp/deviation';
import { cameraInputSchema } from '@camplane/contracts/camera';
import { monotonicClock } from '@camplane/runtime/clock';
import { clipCacheFolder } from '@camplane/testkit/temporary-folder';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { openStream } from './open-stream.ts';
import { nothingKnown } from './source-memory.ts';
import type { SourceMemory } from './source-memory.ts';
import { requireStreamSettings } from './stream-settings.ts';

jest.setTimeout(60_000);

const login = { username: 'viewer', password: 'secret' };
const ending: (() => Promise<unknown>)[] = [];
const started: DeviatingCamera[] = [];

afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

async function open(
  deviation: RtspDeviation,
  input: { mode?: 'copy' | 'overlay'; audio?: boolean } = {},
  memory: SourceMemory = nothingKnown,
  {
    networkPolicy = anyNetworkPolicy,
    host = '127.0.0.1',
  }: { networkPolicy?: CameraNetworkPolicy; host?: string } = {},
) {
  const camera: DeviatingCamera = await startDeviatingCamera({ deviation, cacheFolder: clipCacheFolder() });
  started.push(camera);
  ending.push(() => camera.stop());
  const { source, ...spec } = cameraInputSchema.parse({
    source: { url: camera.url.replace('127.0.0.1', host) },
    video: { mode: input.mode ?? 'copy' },
    audio: { enabled: input.audio ?? false },
  });
  const settings = requireStreamSettings(
    {
      ...{ id: 'door', spec: { ...spec, source }, generation: 1, startRequestedAt: null },
      credentials: deviation.login === undefined ? null : login,
    },
    'main',
  );
  const opened = await openStream(settings, {
    ...{
      memory,
      ffmpegPath: 'ffmpeg',
      ffprobePath: 'ffprobe',
      ffmpegLimits: defaultFfmpegLimits,
      mediaFolder: '.',
      networkPolicy,
    },
    signal: AbortSignal.timeout(45_000),
    framesFps: () => 2,
    clock: monotonicClock,
    random: Math.random,
    onActivity: () => undefined,
  });
  ending.unshift(() => (opened.relay ?? opened.direct).close());
  return { camera, opened };
}

describe('opening a stream', () => {
  it('leaves an ordinary camera to FFmpeg', async () => {
    const { camera, opened } = await open({ login: { ...login, schemes: ['md5'] } });
    expect(opened).toMatchObject({ route: 'direct', audio: false, relay: null, facts: { codec: 'h264' } });
    expect(camera.requests()).toEqual(['DESCRIBE 401', 'DESCRIBE 200']);
  });

  it('relays a login that FFmpeg does not know, on the connection of DESCRIBE', async () => {
    const { camera, opened } = await open({ login: { ...login, schemes: ['sha256'] } });
    expect(opened.route).toBe('relay');
    expect(camera.connections()).toBe(1);
  });

  it.each([
    ['sound', { sound: { codec: 'pcmu' } }, true],
    [
      'refused sound',
      { sound: { codec: 'pcmu' }, refusals: [{ method: 'SETUP', status: 404, track: 'audio' }] },
      false,
    ],
    ['no sound', {}, false],
  ] as [string, RtspDeviation, boolean][])(
    'plans %s as the camera has it',
    async (_what, deviation, audio) => {
      const { opened } = await open(deviation, { audio: true });
      expect(opened.audio).toBe(audio);
      expect(opened.facts.hasAudio).toBe(audio);
      expect(opened.missingSound === null).toBe(audio || deviation.sound === undefined);
    },
  );

  it('finds the size for overlay mode in the stream', async () => {
    const { opened } = await open({ sdp: { withoutParameterSets: true } }, { mode: 'overlay' });
    expect(opened.facts.width).toBeGreaterThan(0);
  });

  it('relays after a direct attempt failed', async () => {
    const { opened } = await open({}, {}, { ...nothingKnown, route: 'relay' });
    expect(opened.route).toBe('relay');
  });

  it('opens no connection if the facts are known', async () => {
    const knownFacts = {
      ...{ codec: 'h264', width: 640, height: 360, fps: null },
      ...{ hasBFrames: null, hasAudio: false },
    };
    const { camera, opened } = await open({}, {}, { ...nothingKnown, knownFacts });
    expect(opened).toMatchObject({ route: 'direct', isDescribed: false, facts: knownFacts });
    expect(camera.connections()).toBe(0);
  });

  it('passes FFmpeg the address that answered in place of the name', async () => {
    const lookup = () => Promise.resolve(['127.0.0.1']);
    const { camera, opened } = await open({}, {}, nothingKnown, {
      networkPolicy: { ...anyNetworkPolicy, lookup },
      host: 'rebinding.example',
    });
    expect(opened.direct?.source).toMatchObject({ kind: 'rtsp', host: '127.0.0.1' });
    expect(camera.requests()).toEqual(['DESCRIBE 200']);
  });

  it('relays where networks are restricted, because FFmpeg follows redirects', async () => {
    const parsed = parseCameraNetworks('loopback');
    if (!parsed.ok) throw new Error(parsed.reason);
    const networkPolicy = { ...anyNetworkPolicy, networks: parsed.networks };
    const { camera, opened } = await open({}, {}, nothingKnown, { networkPolicy });
    expect(opened.route).toBe('relay');
    expect(camera.connections()).toBe(1);
  });

  it.each([
    ['private', nothingKnown],
    [
      '192.0.2.1',
      {
        ...nothingKnown,
        knownFacts: { codec: 'h264', width: 1, height: 1, fps: null, hasBFrames: null, hasAudio: false },
      },
    ],
  ] as [string, SourceMemory][])('connects to no address outside of %s', async (text, memory) => {
    const parsed = parseCameraNetworks(text);
    if (!parsed.ok) throw new Error(parsed.reason);
    const networkPolicy = { ...anyNetworkPolicy, networks: parsed.networks };
    await expect(open({}, {}, memory, { networkPolicy })).rejects.toMatchObject({
      kind: 'AddressRefused',
      message: `The address 127.0.0.1 is not in CAMPLANE_CAMERA_NETWORKS (${text}).`,
    });
    expect(started.at(-1)?.connections()).toBe(0);
  });

  it('reports what the camera refused', async () => {
    await expect(open({ refusals: [{ method: 'DESCRIBE', status: 404 }] })).rejects.toMatchObject({
      kind: 'NotFound',
    });
  });
});
