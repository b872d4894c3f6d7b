import { expect } from '@jest/globals';
import { operationUrl } from '@camplane/api-client/operation-url';
import { ffprobeStream } from '@camplane/testkit/read-stream';
import type { SignedIn } from '@camplane/testkit/sign-in';
import { waitUntil } from '@camplane/testkit/wait-until';
import { openJpegViewer } from '../media/jpeg-viewer.ts';
import type { JpegViewer } from '../media/jpeg-viewer.ts';
import type { CamplaneCluster, Resource } from './camplane-cluster.ts';

type Checked = { camplane: CamplaneCluster; namespace: string };

const quality = 'low';
const deployment = 'deployment/camplane-stream-proxy';

/**
 * A user with rights on the camera `street` sees it as live JPEG, and not `corner`. Two viewers share one FFmpeg, and stay
 * connected while its replica is killed and while stream-proxy is scaled from two replicas to one.
 */
export async function checkLiveJpeg({ admin, ...cluster }: Checked & { admin: SignedIn }): Promise<void> {
  const { camplane, namespace } = cluster;
  const guest = await addGuest(cluster, admin);
  const api = `http://${await camplane.addressOf(namespace, 'camplane-control-api')}:8080`;
  const headers = { authorization: `Bearer ${await guest.createToken()}` };
  const { ticket } = await guest.client.createTicket({ id: 'street', body: { use: 'address' } });
  await expectRefusals(api, headers);

  const viewers: JpegViewer[] = [];
  const watch = async (query: { quality: string; ticket?: string }, sent: Record<string, string>) => {
    const viewer = await openJpegViewer(api, { id: 'street', query }, sent);
    if ('status' in viewer) throw new Error(`refused: ${viewer.status} ${viewer.body}`);
    viewers.push(viewer);
    await viewer.more(2);
  };
  const encoder = async () => {
    const [one] = await waitUntil(
      () => encoders(cluster),
      (found) => found.length === 1,
      { what: 'both viewers share one FFmpeg', timeoutMs: 30_000, intervalMs: 250 },
    );
    return one as Encoder;
  };
  const expectSharedStream = async () => {
    expect(viewers.map((viewer) => viewer.ended())).toEqual([null, null]);
    await encoder();
  };
  try {
    const first = await secondsOf(() => watch({ quality }, headers));
    await watch({ quality, ticket }, {});
    await expectSpentPass(cluster, (await encoder()).command);
    await expectPictures(api, headers);
    const { pod } = await encoder();
    const [main] = await camplane.processesOf(pod, 'main.js');
    if (main === undefined) throw new Error(`${pod.metadata.name} has no process`);
    const killed = await secondsOf(async () => {
      const continued = viewers.map(continues);
      process.kill(main.pid, 'SIGKILL');
      await Promise.all(continued);
    });
    await expectSharedStream();
    await camplane.waitForWorkloads(namespace, 60_000);
    const scaled = await secondsOf(async () => {
      await removeReplica(cluster, (await encoder()).pod);
      // They may have moved to the replaced replica just before.
      await Promise.all(viewers.map((viewer) => viewer.more(2)));
    });
    await expectSharedStream();
    process.stdout.write(`  live JPEG, until pictures: ${JSON.stringify({ first, killed, scaled })} s\n`);
    // The promise is a few seconds; this machine also runs the whole cluster.
    expect(Math.max(first, killed, scaled)).toBeLessThan(15);
  } finally {
    for (const viewer of viewers) viewer.close();
  }
}

/** A user `passer-by` who may view `street` and no other camera. */
async function addGuest({ camplane, namespace }: Checked, admin: SignedIn): Promise<SignedIn> {
  const login = { username: 'passer-by', password: 'watches-one-street' };
  const grants = [{ role: 'viewer', scope: { kind: 'cameras' as const, ids: ['street'] } }];
  await admin.client.createUser({ body: { ...login, displayName: '', enabled: true, grants } });
  return camplane.signIn(namespace, login);
}

async function expectRefusals(api: string, headers: Record<string, string>): Promise<void> {
  expect(await openJpegViewer(api, { id: 'corner' }, headers)).toMatchObject({ status: 404 });
  const snapshot = operationUrl(api, 'readJpegSnapshot', { id: 'corner' });
  expect((await fetch(snapshot, { headers })).status).toBe(404);
  expect((await fetch(operationUrl(api, 'readMjpeg', { id: 'street' }))).status).toBe(401);
}

/** A snapshot, and the beginning of `multipart/x-mixed-replace`. */
async function expectPictures(api: string, headers: Record<string, string>): Promise<void> {
  const snapshot = await fetch(operationUrl(api, 'readJpegSnapshot', { id: 'street' }), { headers });
  expect([snapshot.status, snapshot.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  expect(snapshot.headers.get('x-camplane-source')).toBe('stream');
  expect(Buffer.from(await snapshot.arrayBuffer()).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  const mjpeg = operationUrl(api, 'readMjpeg', { id: 'street', query: { quality } });
  const stream = await fetch(mjpeg, { headers });
  const reader = stream.body?.getReader();
  const part = await reader?.read();
  expect(Buffer.from(part?.value ?? []).toString('latin1')).toMatch(
    /^--\S+\r\n[^]*Content-Type: image\/jpeg/i,
  );
  await reader?.cancel();
}

type Encoder = { pod: Resource; command: string };

/** The FFmpegs of stream-proxy that encode the camera `street`. */
async function encoders({ camplane, namespace }: Checked): Promise<Encoder[]> {
  const pods = await camplane.list(namespace, 'pods', 'app.kubernetes.io/name=stream-proxy');
  const found = await Promise.all(
    pods.map(async (pod) => {
      const processes = await camplane.processesOf(pod, 'ffmpeg', '/street?camplane=tap', 'mjpeg');
      return processes.map(({ command }) => ({ pod, command }));
    }),
  );
  return found.flat();
}

/** What a process list shows of the login at the edge opens no second session. */
async function expectSpentPass({ camplane, namespace }: Checked, command: string): Promise<void> {
  const [, pass] = /rtsp:\/\/(camplane:view\.[\w.-]+@)/.exec(command) ?? [];
  expect(pass).toBeDefined();
  const edge = await camplane.addressOf(namespace, 'camplane-mediamtx');
  await expect(ffprobeStream(`rtsp://${pass}${edge}:8554/street`)).rejects.toThrow(/401 Unauthorized/);
}

/** A viewer gets pictures of another connection to stream-proxy, which begins with an `info` message. */
async function continues({ messages, more }: JpegViewer): Promise<void> {
  const before = messages.length;
  await waitUntil(
    () => messages.length,
    (count) => count > before,
    { what: 'a viewer continues', timeoutMs: 30_000, intervalMs: 20 },
  );
  await more(2);
}

/** Scales from two replicas to one, and waits until the given one was deleted. */
async function removeReplica({ camplane, namespace }: Checked, { metadata }: Resource): Promise<void> {
  const cost = 'controller.kubernetes.io/pod-deletion-cost=-1';
  await camplane.kubectl(['-n', namespace, 'annotate', 'pod', metadata.name, cost]);
  await camplane.kubectl(['-n', namespace, 'scale', deployment, '--replicas=1']);
  await camplane.kubectl(['-n', namespace, 'wait', '--for=delete', `pod/${metadata.name}`, '--timeout=30s']);
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}
