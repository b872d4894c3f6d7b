import { startHlsCamera } from '@camplane/camera-simulator/http/hls-camera';
import { gatewayUrl } from '@camplane/camera-source/http/gateway-address';
import { startHttpGateway } from '@camplane/camera-source/http/http-gateway';
import { anyNetworkPolicy, createCameraResolver } from '@camplane/camera-source/network/camera-resolver';
import { parseSourceUrl } from '@camplane/contracts/source-url';
import { startChild } from '@camplane/supervisor/child-process';
import { clipCacheFolder } from '@camplane/testkit/temporary-folder';
import { testedFfmpegs } from '@camplane/testkit/tested-ffmpegs';
import { expect, it, jest } from '@jest/globals';
import { inputArguments } from './input.ts';

jest.setTimeout(60_000);

const login = { username: 'viewer', password: 'secret' };
const seconds = 5;

const cases = testedFfmpegs.flatMap((tested) =>
  [null, login].map((credentials) => ({ ...tested, credentials })),
);

it.each(cases)(
  'a playlist of segments is read at its own pace: $name, login $credentials.username',
  async ({ command, credentials }) => {
    const camera = await startHlsCamera(
      { segmentSeconds: 2, discontinuityEvery: 4 },
      { cacheFolder: clipCacheFolder() },
    );
    const parsed = parseSourceUrl(camera.url);
    if (!parsed.ok || parsed.source.kind !== 'http') throw new Error('not an HTTP source');
    const gateway = await startHttpGateway(createCameraResolver(anyNetworkPolicy));
    const { args, ...input } = inputArguments({
      source: parsed.source,
      gateway: { proxyUrl: gateway.url, url: gatewayUrl(parsed.source) },
      ...{ credentials, transport: 'tcp', mediaFolder: '.', audio: false, probe: 'copy' },
    });
    const arrivalsMs: number[] = [];
    const writing = ['-map', '0:v:0', '-c', 'copy', '-t', String(seconds), '-flush_packets', '1'];
    const { stderrTail } = await startChild({
      name: 'reader',
      command,
      args: ['-hide_banner', '-loglevel', 'error', ...args, ...writing, '-f', 'framecrc', 'pipe:1'],
      ...input,
      stdout: (chunk) => {
        for (const line of chunk.toString().split('\n')) {
          if (line.startsWith('0,')) arrivalsMs.push(performance.now());
        }
      },
      signal: AbortSignal.timeout(30_000),
    }).ended;
    await camera.stop();
    await gateway.close();
    expect(stderrTail).toEqual([]);
    expect(arrivalsMs.length).toBeGreaterThan(seconds * 9);
    // In bursts, three segments would arrive at once.
    expect((arrivalsMs.at(-1) ?? 0) - (arrivalsMs[0] ?? 0)).toBeGreaterThan((seconds - 1.5) * 1000);
  },
);
