import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Resolver } from 'node:dns/promises';
import { access } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { findMediaMtx } from '@camplane/mediamtx/find-mediamtx';
import type { TestCluster } from './cluster.ts';
import { startCluster } from './cluster.ts';
import { writeProgramImage } from './cluster-image.ts';
import { assertNoDescendants, descendantsOf } from './processes.ts';
import { ffprobeStream } from './read-stream.ts';
import type { TemporaryFolder } from './temporary-folder.ts';
import { createTemporaryFolder } from './temporary-folder.ts';
import { waitUntil } from './wait-until.ts';

jest.setTimeout(240_000);

const image = 'camplane.test/mediamtx:1';

/** One MediaMTX accepts the published stream; a second one pulls it by the name of the Service. */
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'media', labels: { app: 'media' } },
  spec: {
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
    initContainers: [
      {
        name: 'sidecar',
        restartPolicy: 'Always',
        ...mediaServer({ MTX_PATHS_CAMERA_SOURCE: 'publisher' }),
        startupProbe: { tcpSocket: { port: 8554 }, periodSeconds: 1 },
      },
    ],
    containers: [
      {
        name: 'main',
        ...mediaServer({
          MTX_RTSPADDRESS: ':9554',
          MTX_PATHS_EDGE_SOURCE: 'rtsp://media.default.svc.cluster.local:8554/camera',
          MTX_PATHS_EDGE_SOURCEONDEMAND: 'yes',
          MTX_PATHS_EDGE_RTSPTRANSPORT: 'tcp',
        }),
        readinessProbe: { tcpSocket: { port: 9554 }, periodSeconds: 1 },
      },
    ],
  },
};

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'media' },
  spec: {
    selector: { app: 'media' },
    ports: [
      { name: 'rtsp', port: 8554 },
      { name: 'edge', port: 9554 },
    ],
  },
};

function mediaServer(environment: Record<string, string>) {
  const off = ['RTMP', 'HLS', 'WEBRTC', 'SRT', 'MOQ'].map((protocol) => [`MTX_${protocol}`, 'no'] as const);
  const all = { ...Object.fromEntries(off), MTX_RTSPTRANSPORTS: 'tcp', ...environment };
  return {
    image,
    imagePullPolicy: 'Never',
    env: Object.entries(all).map(([name, value]) => ({ name, value })),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

describe('startCluster', () => {
  let cluster: TestCluster;
  let folder: TemporaryFolder;

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    cluster = await startCluster();
    const program = await findMediaMtx({ startFolder: import.meta.dirname });
    await cluster.importImage(await writeProgramImage({ image, program, folder: folder.path }));
    await cluster.kubectl(['create', '-f', '-'], {
      input: [service, pod].map((item) => JSON.stringify(item)).join('\n'),
    });
  });

  afterAll(async () => {
    await cluster.stop();
    await folder.remove();
    expect(networkInterfaces()).not.toHaveProperty(cluster.network.link);
    await expect(access(`/sys/fs/cgroup/cpu/${cluster.network.link}`)).rejects.toThrow('ENOENT');
    await assertNoDescendants(process.pid);
  });

  it('runs a pod with a sidecar, resolves a Service by name, and is reachable from outside the pods', async () => {
    await cluster
      .kubectl(['wait', '--for=condition=Ready', 'pod/media', '--timeout=90s'])
      .catch(async (error: unknown) => {
        throw new Error(await cluster.kubectl(['describe', 'pod', 'media']), { cause: error });
      });
    const clusterIp = await cluster.kubectl([
      'get',
      'service',
      'media',
      '--output=jsonpath={.spec.clusterIP}',
    ]);
    const resolver = new Resolver();
    resolver.setServers([cluster.network.dnsAddress]);
    expect(await resolver.resolve4('media.default.svc.cluster.local')).toEqual([clusterIp]);
    await expect(resolver.resolve4('camplane.example')).rejects.toThrow('ENOTFOUND');

    const publisher = spawn('ffmpeg', [
      ...[
        '-hide_banner',
        '-loglevel',
        'error',
        '-nostdin',
        '-re',
        '-f',
        'lavfi',
        '-i',
        'testsrc=size=320x240:rate=10',
      ],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '10'],
      ...['-f', 'rtsp', '-rtsp_transport', 'tcp', `rtsp://${clusterIp}:8554/camera`],
    ]);
    const publisherEnded = once(publisher, 'close');
    try {
      const { streams } = await waitUntil(
        () => ffprobeStream(`rtsp://${clusterIp}:9554/edge`),
        () => true,
        {
          what: 'the stream through the Service',
          timeoutMs: 60_000,
          intervalMs: 500,
        },
      );
      expect(streams).toMatchObject([{ codec_name: 'h264', width: 320 }]);
    } finally {
      publisher.kill('SIGKILL');
      await publisherEnded;
    }
  });

  it('provides the logs and processes of a pod, which a test can kill', async () => {
    expect(await cluster.kubectl(['logs', 'media', '--container=sidecar'])).toContain('camera');
    const servers = (await descendantsOf(cluster.nodePid)).filter(({ command }) => command === '/mediamtx');
    expect(servers).toHaveLength(2);
    for (const { pid } of servers) process.kill(pid, 'SIGKILL');
    const restarts =
      '--output=jsonpath={.status.initContainerStatuses[*].restartCount}{.status.containerStatuses[*].restartCount}';
    await waitUntil(
      () => cluster.kubectl(['get', 'pod', 'media', restarts]),
      (seen) => seen === '11',
      {
        what: 'both containers run again',
        timeoutMs: 60_000,
        intervalMs: 500,
      },
    );
  });
});
