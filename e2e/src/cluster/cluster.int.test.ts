import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { startChromium } from '@camplane/testkit/chromium';
import { ffprobeStream, readFrames } from '@camplane/testkit/read-stream';
import type { SignedIn } from '@camplane/testkit/sign-in';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { DashboardPage } from '../dashboard-page.ts';
import { openDashboard } from '../dashboard-page.ts';
import type { Viewer } from '../viewer.ts';
import { openViewer } from '../viewer.ts';
import type { CamplaneCluster } from './camplane-cluster.ts';
import { isReady, startCamplaneCluster, timed } from './camplane-cluster.ts';
import { signedInAs } from './signed-in-page.ts';
import type { Viewing } from './viewing.ts';
import { startViewing } from './viewing.ts';
import { addStreetCamera, setStreetCamera, streetCamera } from './street-camera.ts';

jest.setTimeout(300_000);

const namespace = 'camplane';
const dashboardOrigin = 'http://cameras.test:8080';
const viewers = [
  'viewers.hlsUrl=http://media.test:8888',
  'viewers.webrtcUrl=http://media.test:8889',
  `viewers.dashboardOrigins={${dashboardOrigin}}`,
  'controlApi.allowedHosts={cameras.test}',
];
/** The promise is 5 s; this machine also runs the whole cluster and two browser pages. */
const backWithinMs = 20_000;
const belowTheLetters = { x: 0.1, y: 0.7, width: 0.8, height: 0.2 };
/** Below its text the slate is dark and plain; the street in daylight is not. */
const isSlate = (seen: { mean: number; deviation: number }) => seen.deviation < 8 && seen.mean < 60;
const isLive = (seen: { mean: number; deviation: number }) => !isSlate(seen) && seen.mean > 60;

/** The tests depend on each other, in order. */
describe('Camplane installed by helm on a real node', () => {
  let camplane: CamplaneCluster;
  let browser: TestBrowser;
  let viewer: Viewer;
  let dashboard: DashboardPage;
  let edge: string;
  let session: SignedIn;
  let viewing: Viewing;

  beforeAll(async () => {
    camplane = await timed('cluster with images', () => startCamplaneCluster());
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
    session = await camplane.signIn(namespace);
    viewing = await startViewing('admin', session);
    const dashboardAddress = await camplane.addressOf(namespace, 'camplane-control-api');
    browser = await startChromium({ hosts: { 'cameras.test': dashboardAddress, 'media.test': edge } });
  }, 900_000);

  afterAll(async () => {
    await browser?.close();
    await timed('cluster stopped', async () => camplane?.stop());
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
  /** The page reconnects without a reload. Until then it shows the last frame. */
  const watchingAgain = async (sessionsBefore: number) => {
    await waitUntil(sessions, (now) => now > sessionsBefore, {
      what: 'the page reconnects',
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
        what: 'the dashboard reconnects',
        timeoutMs: backWithinMs,
        intervalMs: 50,
      },
    );
    const shown = await dashboard.frames();
    // Over either transport: it may have switched to HLS.
    await waitUntil(
      () => dashboard.frames(),
      (now) => now >= shown + 5,
      { what: 'more frames in the dashboard', timeoutMs: backWithinMs, intervalMs: 50 },
    );
  };

  it('makes an applied Camera Ready, and shows its state in kubectl', async () => {
    await timed('Camera applied until Ready', async () => {
      await camplane.kubectl(['-n', namespace, 'apply', '-f', '-'], streetCamera('street'));
      await camplane.waitForReady(namespace, 'street');
    });
    // Codec and size may be reported shortly after the first frame.
    await waitUntil(
      () => camplane.kubectl(['-n', namespace, 'get', 'cameras', '--no-headers']),
      (row) => /^street +True +Running +h264 +768x576 /i.test(row),
      { what: 'kubectl shows codec and size', timeoutMs: 30_000 },
    );
    expect((await camplane.get(namespace, 'camera', 'street')).status?.node).toBe('node');
  });

  it('serves RTSP, HLS and WebRTC through the edge to clients outside the pods', async () => {
    const rtsp = `rtsp://${viewing.login}${edge}:8554/street`;
    const [frame] = await timed('first frame over RTSP', () =>
      readFrames({ url: rtsp, pixelFormat: 'gray', frames: 1, timeoutMs: 30_000 }),
    );
    expect(frame).toMatchObject({ width: 768, height: 576 });
    await timed('streams over HLS', async () => {
      const { streams } = await ffprobeStream(
        `http://${viewing.login}${edge}:8888/street/index.m3u8`,
        40_000,
      );
      expect(streams).toMatchObject([{ codec_name: 'h264' }]);
    });
    await timed('live video over WebRTC in Chromium', async () => {
      viewer = await openViewer(browser, `http://${edge}:8889/street/`, viewing.headers);
      await viewer.waitForFrames(15, 30_000);
      await seeing(isLive, 10_000);
    });
    await waitUntil(
      () => camplane.get(namespace, 'camera', 'street'),
      ({ status }) => (status?.viewers ?? 0) >= 1,
      { what: 'one viewer', timeoutMs: 60_000, intervalMs: 500 },
    );
  });

  it('plays in the dashboard', async () => {
    await timed('live video in the dashboard', async () => {
      dashboard = await openDashboard(
        browser,
        `${dashboardOrigin}/cameras/street`,
        signedInAs(session, dashboardOrigin),
      );
      await dashboard.waitForFrames('webrtc', 10, 30_000);
    });
    // About two headers that only apply over HTTPS or on loopback, unlike this page.
    const ignored = /Cross-Origin-Opener-Policy|Origin-Agent-Cluster/;
    expect(dashboard.takeErrors().filter((text) => !ignored.test(text))).toEqual([]);
  });

  it('stores detections in PostgreSQL through Kafka', async () => {
    const count = ['psql', '-U', 'camplane', '-tAc', 'SELECT count(*) FROM detection'];
    await timed('detections in PostgreSQL', () =>
      waitUntil(
        () => camplane.kubectl(['-n', namespace, 'exec', 'camplane-postgres-0', '--', ...count]),
        (rows) => Number(rows) > 0,
        { what: 'detection rows', timeoutMs: 120_000, intervalMs: 1000 },
      ),
    );
    const answer = await session.send('listDetections', { query: { limit: 1 } });
    expect(answer).toMatchObject({ status: 200 });
    expect(JSON.stringify(answer.body)).toContain('"street"');
  });

  it('keeps a WebRTC session when FFmpeg is killed in the pod', async () => {
    const pod = await cameraPod();
    // The publisher reports progress; the other one is the tap.
    const publishers = () => camplane.processesOf(pod, 'ffmpeg', '-progress');
    const [ffmpeg] = await publishers();
    if (ffmpeg === undefined) throw new Error('FFmpeg is not running');
    await timed('FFmpeg killed until another publishes', async () => {
      process.kill(ffmpeg.pid, 'SIGKILL');
      await waitUntil(publishers, (now) => now.some(({ pid }) => pid !== ffmpeg.pid), {
        what: 'a new FFmpeg',
        timeoutMs: 30_000,
      });
      await watching();
    });
    expect(await viewer.isSameSession()).toBe(true);
  });

  it('keeps a WebRTC session while the camera is offline, and resumes video afterwards', async () => {
    await timed('camera offline until the slate', async () => {
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

  it('reconnects viewers after the pod is deleted', async () => {
    const [before, sessionsBefore] = [await cameraPod(), await sessions()];
    const connectionsBefore = await dashboard.peerConnections();
    await camplane.kubectl(['-n', namespace, 'delete', 'pod', before.metadata.name, '--wait=false']);
    await timed('pod deleted until another is Ready', () =>
      waitUntil(
        () => camplane.list(namespace, 'pods', 'camplane.dev/camera=street'),
        (pods) => pods.some((pod) => pod.metadata.uid !== before.metadata.uid && isReady(pod)),
        { what: 'a new pod', timeoutMs: 120_000, intervalMs: 100 },
      ),
    );
    await timed('then until the dashboard shows video', () => dashboardAgain(connectionsBefore));
    await timed("then until MediaMTX's own page shows video", () => watchingAgain(sessionsBefore));
  });

  it('reconnects viewers after the sidecar is killed', async () => {
    const [before, sessionsBefore] = [await cameraPod(), await sessions()];
    const connectionsBefore = await dashboard.peerConnections();
    const sidecars = () => camplane.processesOf(before, 'mediamtx');
    const [sidecar] = await sidecars();
    if (sidecar === undefined) throw new Error('the sidecar is not running');
    await timed('sidecar killed until another runs', async () => {
      process.kill(sidecar.pid, 'SIGKILL');
      await waitUntil(sidecars, (now) => now.some(({ pid }) => pid !== sidecar.pid), {
        what: 'a new sidecar',
        timeoutMs: 60_000,
      });
    });
    await timed('then until the dashboard shows video', () => dashboardAgain(connectionsBefore));
    await timed("then until MediaMTX's own page shows video", () => watchingAgain(sessionsBefore));
    await camplane.waitForReady(namespace, 'street');
    expect((await cameraPod()).metadata.uid).toBe(before.metadata.uid);
  });

  it('reconnects viewers after the edge is deleted', async () => {
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
    await timed('edge deleted until another is Ready', () =>
      waitUntil(
        () => camplane.list(namespace, 'pods', 'app.kubernetes.io/name=mediamtx'),
        (pods) => pods.some((pod) => pod.metadata.uid !== before?.metadata.uid && isReady(pod)),
        { what: 'a new edge', timeoutMs: 120_000, intervalMs: 100 },
      ),
    );
    await timed('then until the dashboard shows video', () => dashboardAgain(connectionsBefore));
    await timed("then until MediaMTX's own page shows video", () => watchingAgain(sessionsBefore));
  });

  it('does not touch a running camera when the operator is deleted, upgraded and rolled back', async () => {
    const [before, sessionsBefore] = [await cameraPod(), await sessions()];
    const operator = '--selector=app.kubernetes.io/name=camera-operator';
    await camplane.kubectl(['-n', namespace, 'delete', 'pod', operator, '--wait=true']);
    await timed('operator deleted until a new one is ready', () =>
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

  it('deletes all objects of a deleted Camera', async () => {
    await timed('Camera deleted until all objects are deleted', async () => {
      await camplane.kubectl(['-n', namespace, 'delete', 'camera', 'street']);
      const kinds = 'deployments,replicasets,pods,services,configmaps,endpointslices';
      await waitUntil(
        () => camplane.list(namespace, kinds, 'camplane.dev/camera=street'),
        (left) => left.length === 0,
        { what: 'no objects of the camera', timeoutMs: 120_000, intervalMs: 250 },
      );
    });
  });

  it('runs from the kustomize overlay after the release is uninstalled', async () => {
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
    viewing = await startViewing('admin', await camplane.signIn(namespace));
    const [frame] = await readFrames({
      url: `rtsp://${viewing.login}${edge}:8554/street`,
      pixelFormat: 'gray',
      frames: 1,
      timeoutMs: 30_000,
    });
    expect(frame).toMatchObject({ width: 768, height: 576 });
  });
});
