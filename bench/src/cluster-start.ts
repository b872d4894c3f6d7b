import { setTimeout as delay } from 'node:timers/promises';
import { startCamplaneCluster } from '@camplane/e2e/cluster/camplane-cluster';
import type { CamplaneCluster } from '@camplane/e2e/cluster/camplane-cluster';
import { addStreetCamera, streetCamera } from '@camplane/e2e/cluster/street-camera';
import { followFrames } from '@camplane/testkit/read-stream';
import { waitUntil } from '@camplane/testkit/wait-until';
import { bareCamera } from './bare-camera-pod.ts';
import type { BenchResult } from './bench-result.ts';
import { percentile } from './percentile.ts';

const namespace = 'camplane';
const starts = 10;
const patienceMs = 120_000;
/** The street in daylight is brighter than a slate. */
const slateBrightnessMax = 60;
const gray = { pixelFormat: 'gray', width: 96, height: 72 } as const;

/**
 * P4 in a cluster: from `kubectl apply` to the camera's first frame over RTSP through the edge, read by FFmpegs that are
 * restarted until one gets it. The control is a hand-written pod, FFmpeg copying into MediaMTX, applied and read the
 * same way, alternating. On a real node with preloaded images; needs root.
 */
export async function measureClusterStart(): Promise<BenchResult> {
  const camplane = await startCamplaneCluster();
  const ours: number[] = [];
  const bare: number[] = [];
  try {
    await camplane.addVolumes(3);
    await camplane.helm(['install', 'camplane', 'charts/camplane', '-n', namespace, '--create-namespace']);
    await addStreetCamera(camplane);
    await camplane.waitForWorkloads(namespace, 300_000);
    const edge = await camplane.addressOf(namespace, 'camplane-mediamtx');
    for (let attempt = 0; attempt < starts; attempt += 1) {
      const [name, bareName] = [`start-${attempt}`, `bare-${attempt}`];
      ours.push(await measure(camplane, edge, name, streetCamera(name)));
      bare.push(await measure(camplane, edge, bareName, await bareCamera(camplane, namespace, bareName)));
    }
  } finally {
    await camplane.stop();
  }
  const row = (name: string, share: number) => {
    const [value, control] = [percentile(ours, share), percentile(bare, share)];
    return { name, value, unit: 's', control, ratio: value / control };
  };
  const p95 = row('applied → first picture, p95', 0.95);
  return {
    id: 'P4-cluster',
    title: 'Camera applied → first frame through the edge, on a real node, images preloaded',
    rows: [row('applied → first picture, p50', 0.5), { ...p95, target: '≤ 8 s', met: p95.value <= 8 }],
    notes: [
      `${starts} starts each, alternating; control: a pod with FFmpeg -c:v copy and MediaMTX, started by a Deployment`,
      'control plane, kubelet, containerd, Kafka, PostgreSQL and the simulated camera share this machine',
    ],
  };
}

/** Returns seconds; the applied objects are deleted afterwards. */
async function measure(
  camplane: CamplaneCluster,
  edge: string,
  name: string,
  objects: object,
): Promise<number> {
  const startedMs = performance.now();
  await camplane.kubectl(['-n', namespace, 'apply', '-f', '-'], objects);
  const seenMs = await firstPictureMs(`rtsp://${edge}:8554/${name}`, startedMs + patienceMs);
  await camplane.kubectl(['-n', namespace, 'delete', '-f', '-', '--wait=true'], objects);
  await waitUntil(
    () => camplane.list(namespace, 'pods', `camplane.dev/camera=${name}`),
    (pods) => pods.length === 0,
    { what: `the pod of ${name} is deleted`, timeoutMs: patienceMs, intervalMs: 250 },
  );
  return (seenMs - startedMs) / 1000;
}

async function firstPictureMs(url: string, deadlineMs: number): Promise<number> {
  let complaint = 'no attempt';
  while (performance.now() < deadlineMs) {
    const seen = new AbortController();
    let arrivedMs: number | undefined;
    await followFrames(
      { url, ...gray },
      (frame) => {
        if (arrivedMs !== undefined || brightness(frame.pixels) < slateBrightnessMax) return;
        arrivedMs = frame.arrivedMs;
        seen.abort();
      },
      seen.signal,
    ).catch((error: unknown) => (complaint = String(error)));
    if (arrivedMs !== undefined) return arrivedMs;
    await delay(50);
  }
  throw new Error(`no frame from ${url}: ${complaint}`);
}

function brightness(pixels: Uint8Array): number {
  return pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
}
