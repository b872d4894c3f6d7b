import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operationUrl } from '@camplane/api-client/operation-url';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { startChromium } from '@camplane/testkit/chromium';
import { ffprobeStream, readFrames } from '@camplane/testkit/read-stream';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { DashboardPage } from '../dashboard-page.ts';
import { openDashboard } from '../dashboard-page.ts';
import type { Viewer } from '../viewer.ts';
import { openViewer } from '../viewer.ts';
import type { CamplaneCluster } from './camplane-cluster.ts';
import { isReady, startCamplaneCluster, timed } from './camplane-cluster.ts';
import { addStreetCamera, setStreetCamera, streetCamera } from './street-camera.ts';

jest.setTimeout(300_000);

const namespace = 'camplane';
const viewers = [
  'viewers.hlsUrl=http://media.test:8888',
  'viewers.webrtcUrl=http://media.test:8889',
  'viewers.dashboardOrigins={http://cameras.test:8080}',
  'controlApi.allowedHosts={cameras.test}',
];
/** Promised are 5 s; this machine runs the whole cluster and two browsers' pages meanwhile. */
const backWithinMs = 20_000;
const belowTheLetters = { x: 0.1, y: 0.7, width: 0.8, height: 0.2 };
/** The slate is dark and plain below its letters, the street in daylight is not. */
const isSlate = (seen: { mean: number; deviation: number }) => seen.deviation < 8 && seen.mean < 60;
const isLive = (seen: { mean: number; deviation: number }) => !isSlate(seen) && seen.mean > 60;

/** One story, in this order: each part goes on where the one before it ended. */
describe('Camplane, installed by helm on a real node', () => {
  let camplane: CamplaneCluster;
  let browser: TestBrowser;
  let viewer: Viewer;
  let dashboard: DashboardPage;
  let edge: string;

  beforeAll(async () => {
    camplane = await timed('cluster with images', startCamplaneCluster);
    await camplane.addVolumes(3);
    const install = [
      'install',
      'camplane',
      'charts/camplane',
      '--namespace',
      namespace,
      '--create-namespace',
      ...viewers.flatMap((value) => ['--set', value]),
    ];
    await timed('helm install until every pod is ready', async () => {
      await camplane.helm(install);
      await addStreetCamera(camplane);
      await camplane.waitForWorkloads(namespace, 240_000);
    });
    edge = await camplane.addressOf(namespace, 'camplane-mediamtx');
    const dashboardAddress = await camplane.addressOf(namespace, 'camplane-control-api');
    browser = await startChromium({ hosts: { 'cameras.test': dashboardAddress, 'media.test': edge } });
  }, 900_000);

  afterAll(async () => {
    await browser?.close();
    await timed('end of the cluster', async () => camplane?.stop());
  });

  const seeing = (what: typeof isSlate, timeoutMs: number) =>
    waitUntil(() => viewer.brightness(belowTheLetters), what, {
      what: what === isSlate ? 'the slate' : 'live video',
      timeoutMs,
      intervalMs: 50,
    });
  const cameraPod = async (name = 'street') => {
    const [pod] = await camplane.list(namespace, 'pods', `camplane.dev/camera=${name}`);
    if (pod === undefined) throw new Error(`camera ${name} has no pod`);
    return pod;
  };
  const ready = async () => isReady(await camplane.get(namespace, 'camera', 'street'));
  const waitUntilNotReady = () =>
    waitUntil(ready, (isNow) => !isNow, {
      what: 'the camera is not Ready',
      timeoutMs: 60_000,
      intervalMs: 250,
    });
  const watching = async () => {
    await seeing(isLive, 60_000);
    await viewer.waitForFrames(15, 30_000);
  };
  const sessions = () => viewer.page.evaluate<number>('window.camplanePeerConnections');
  /** The page connects anew by itself; nobody reloads it. Until then it shows the last picture it had. */
  const watchingAgain = async (sessionsBefore: number) => {
    await waitUntil(sessions, (now) => now > sessionsBefore, {
      what: 'the page connects anew',
      timeoutMs: 120_000,
      intervalMs: 50,
    });
    await watching();
  };

  const dashboardAgain = async (connectionsBefore: number) => {
    await waitUntil(
      () => dashboard.peerConnections(),
      (now) => now > connectionsBefore,
      {
        what: 'the dashboard connects anew',
        timeoutMs: backWithinMs,
        intervalMs: 50,
      },
    );
    const shown = await dashboard.frames();
    // Over either transport: it may have turned to HLS meanwhile.
    await waitUntil(
      () => dashboard.frames(),
      (now) => now >= shown + 5,
      { what: 'further pictures in the dashboard', timeoutMs: backWithinMs, intervalMs: 50 },
    );
  };

  it('has a Camera Ready after it is applied, and says of it what kubectl shows', async () => {
    await timed('Camera applied until Ready', async () => {
      await camplane.kubectl(['-n', namespace, 'apply', '-f', '-'], streetCamera('street'));
      await camplane.waitForReady(namespace, 'street');
    });
    // What the video is may be known a moment after it flows.
    await waitUntil(
      () => camplane.kubectl(['-n', namespace, 'get', 'cameras', '--no-headers']),
      (row) => /^street +True +Running +h264 +768x576 /i.test(row),
      { what: 'kubectl shows codec and size', timeoutMs: 30_000 },
    );
    expect((await camplane.get(namespace, 'camera', 'street')).status?.node).toBe('node');
  });

  it('is read over RTSP, HLS and WebRTC through the edge, from outside the pods', async () => {
    const rtsp = `rtsp://${edge}:8554/street`;
    const [frame] = await timed('first frame over RTSP', () =>
      readFrames({ url: rtsp, pixelFormat: 'gray', frames: 1, timeoutMs: 30_000 }),
    );
    expect(frame).toMatchObject({ width: 768, height: 576 });
    await timed('streams over HLS', async () => {
      const { streams } = await ffprobeStream(`http://${edge}:8888/street/index.m3u8`, 40_000);
      expect(streams).toMatchObject([{ codec_name: 'h264' }]);
    });
    await timed('live video over WebRTC in Chromium', async () => {
      viewer = await openViewer(browser, `http://${edge}:8889/street/`);
      await viewer.waitForFrames(15, 30_000);
      await seeing(isLive, 10_000);
    });
    await waitUntil(
      () => camplane.get(namespace, 'camera', 'street'),
      ({ status }) => (status?.viewers ?? 0) >= 1,
      { what: 'the viewer is counted', timeoutMs: 60_000, intervalMs: 500 },
    );
  });

  it('is shown by the dashboard', async () => {
    await timed('live video in the dashboard', async () => {
      dashboard = await openDashboard(browser, 'http://cameras.test:8080/cameras/street');
      await dashboard.waitForFrames('webrtc', 10, 30_000);
    });
    // Of two headers that count over HTTPS or on loopback alone, which this page's address is not.
    const ignored = /Cross-Origin-Opener-Policy|Origin-Agent-Cluster/;
    expect(dashboard.takeErrors().filter((text) => !ignored.test(text))).toEqual([]);
  });

  it('brings detections through Kafka into PostgreSQL', async () => {
    const count = ['psql', '-U', 'camplane', '-tAc', 'SELECT count(*) FROM detection'];
    await timed('detections in PostgreSQL', () =>
      waitUntil(
        () => camplane.kubectl(['-n', namespace, 'exec', 'camplane-postgres-0', '--', ...count]),
        (rows) => Number(rows) > 0,
        { what: 'rows of detections', timeoutMs: 120_000, intervalMs: 1000 },
      ),
    );
    const answer = await camplane.api(namespace, operationUrl('', 'listDetections', { query: { limit: 1 } }));
    expect(answer).toMatchObject({ status: 200 });
    expect(JSON.stringify(answer.body)).toContain('"street"');
  });

  it('keeps a WebRTC session when FFmpeg is killed in the pod', async () => {
    const pod = await cameraPod();
    // The one that publishes says how far it is; the other one takes frames.
    const publishers = () => camplane.processesOf(pod, 'ffmpeg', '-progress');
    const [ffmpeg] = await publishers();
    if (ffmpeg === undefined) throw new Error('there is no FFmpeg to kill');
    await timed('FFmpeg killed, until another publishes', async () => {
      process.kill(ffmpeg.pid, 'SIGKILL');
      await waitUntil(publishers, (now) => now.some(({ pid }) => pid !== ffmpeg.pid), {
        what: 'another FFmpeg',
        timeoutMs: 30_000,
      });
      await watching();
    });
    expect(await viewer.isSameSession()).toBe(true);
  });

  it('keeps a WebRTC session while the camera is gone, and shows it again when it is back', async () => {
    await timed('camera gone, until the slate', async () => {
      await setStreetCamera(camplane, 0);
      await seeing(isSlate, 30_000);
    });
    await timed('camera gone, until not Ready', waitUntilNotReady);
    await viewer.waitForFrames(5, 30_000);
    await setStreetCamera(camplane, 1);
    await timed('camera back, until live', () => seeing(isLive, 60_000));
    await camplane.waitForReady(namespace, 'street');
    expect(await viewer.isSameSession()).toBe(true);
  });

  it('has viewers back by themselves after the pod is deleted', async () => {
    const [before, sessionsBefore] = [await cameraPod(), await sessions()];
    const connectionsBefore = await dashboard.peerConnections();
    await camplane.kubectl(['-n', namespace, 'delete', 'pod', before.metadata.name, '--wait=false']);
    await timed('pod deleted, until another is Ready', () =>
      waitUntil(
        () => camplane.list(namespace, 'pods', 'camplane.dev/camera=street'),
        (pods) => pods.some((pod) => pod.metadata.uid !== before.metadata.uid && isReady(pod)),
        { what: 'another pod', timeoutMs: 120_000, intervalMs: 100 },
      ),
    );
    await timed('from there until the dashboard shows video', () => dashboardAgain(connectionsBefore));
    await timed("from there until MediaMTX's own page does", () => watchingAgain(sessionsBefore));
  });

  it('has viewers back by themselves after the sidecar is killed', async () => {
    const [before, sessionsBefore] = [await cameraPod(), await sessions()];
    const connectionsBefore = await dashboard.peerConnections();
    const sidecars = () => camplane.processesOf(before, 'mediamtx');
    const [sidecar] = await sidecars();
    if (sidecar === undefined) throw new Error('there is no sidecar to kill');
    await timed('sidecar killed, until another runs', async () => {
      process.kill(sidecar.pid, 'SIGKILL');
      await waitUntil(sidecars, (now) => now.some(({ pid }) => pid !== sidecar.pid), {
        what: 'another sidecar',
        timeoutMs: 60_000,
      });
    });
    await timed('from there until the dashboard shows video', () => dashboardAgain(connectionsBefore));
    await timed("from there until MediaMTX's own page does", () => watchingAgain(sessionsBefore));
    await camplane.waitForReady(namespace, 'street');
    expect((await cameraPod()).metadata.uid).toBe(before.metadata.uid);
  });

  it('has viewers back by themselves after the edge is deleted', async () => {
    const sessionsBefore = await sessions();
    const connectionsBefore = await dashboard.peerConnections();
    const [before] = await camplane.list(namespace, 'pods', 'app.kubernetes.io/name=mediamtx');
    await camplane.kubectl([
      '-n',
      namespace,
      'delete',
      'pod',
      '--selector=app.kubernetes.io/name=mediamtx',
      '--wait=false',
    ]);
    await timed('edge deleted, until another is Ready', () =>
      waitUntil(
        () => camplane.list(namespace, 'pods', 'app.kubernetes.io/name=mediamtx'),
        (pods) => pods.some((pod) => pod.metadata.uid !== before?.metadata.uid && isReady(pod)),
        { what: 'another edge', timeoutMs: 120_000, intervalMs: 100 },
      ),
    );
    await timed('from there until the dashboard shows video', () => dashboardAgain(connectionsBefore));
    await timed("from there until MediaMTX's own page does", () => watchingAgain(sessionsBefore));
  });

  it('leaves a running camera alone when the operator is deleted, upgraded and rolled back', async () => {
    const [before, sessionsBefore] = [await cameraPod(), await sessions()];
    const operator = '--selector=app.kubernetes.io/name=camera-operator';
    await camplane.kubectl(['-n', namespace, 'delete', 'pod', operator, '--wait=true']);
    await timed('operator deleted, until it is there again', () =>
      camplane.waitForWorkloads(namespace, 120_000),
    );
    await timed('helm upgrade', async () => {
      const upgrade = ['upgrade', 'camplane', 'charts/camplane', '--namespace', namespace, '--reuse-values'];
      await camplane.helm([...upgrade, '--set', 'cameraOperator.podAnnotations.changed=yes']);
      await camplane.waitForWorkloads(namespace, 180_000);
    });
    await timed('helm rollback', async () => {
      await camplane.helm(['rollback', 'camplane', '1', '--namespace', namespace]);
      await camplane.waitForWorkloads(namespace, 180_000);
    });
    await camplane.waitForReady(namespace, 'street');
    expect((await cameraPod()).metadata.uid).toBe(before.metadata.uid);
    await seeing(isLive, 10_000);
    expect(await sessions()).toBe(sessionsBefore);
  });

  it('leaves nothing of a Camera that is deleted', async () => {
    await timed('Camera deleted, until nothing is left', async () => {
      await camplane.kubectl(['-n', namespace, 'delete', 'camera', 'street']);
      const kinds = 'deployments,replicasets,pods,services,configmaps,endpointslices';
      await waitUntil(
        () => camplane.list(namespace, kinds, 'camplane.dev/camera=street'),
        (left) => left.length === 0,
        { what: 'nothing is left of the camera', timeoutMs: 120_000, intervalMs: 250 },
      );
    });
  });

  it('runs the same from the kustomize overlay, once the release is gone', async () => {
    await timed('helm uninstall', async () => {
      await camplane.helm(['uninstall', 'camplane', '--namespace', namespace, '--wait']);
      await camplane.kubectl(['delete', 'namespace', namespace]);
    });
    await camplane.addVolumes(3);
    await timed('overlay applied until every pod is ready', async () => {
      await camplane.kubectl([
        'apply',
        '--kustomize',
        'k8s/overlays/dev',
        '--server-side',
        '--force-conflicts',
      ]);
      await camplane.waitForWorkloads(namespace, 240_000);
    });
    await timed('Camera applied until Ready', async () => {
      await camplane.kubectl(['-n', namespace, 'apply', '-f', '-'], streetCamera('street'));
      await camplane.waitForReady(namespace, 'street');
    });
    edge = await camplane.addressOf(namespace, 'camplane-mediamtx');
    const [frame] = await readFrames({
      url: `rtsp://${edge}:8554/street`,
      pixelFormat: 'gray',
      frames: 1,
      timeoutMs: 30_000,
    });
    expect(frame).toMatchObject({ width: 768, height: 576 });
  });
});
