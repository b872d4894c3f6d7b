import { cameraStatusSchema } from '@camplane/contracts/camera-status';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { workloadPorts } from '@camplane/contracts/camera-workload';
import type { Clock } from '@camplane/runtime/clock';
import { isPodReady, isServiceRunning, sortPods } from '../decide/pod.ts';
import type { Pod } from '../decide/pod.ts';
import { createKeyQueue, defaultQueuePolicy } from '../work-queue/key-queue.ts';
import type { WorkOutcome } from '../work-queue/key-queue.ts';
import { createQueueRunner } from '../work-queue/run-queue.ts';
import type { CameraWorld } from '../world.ts';
import type { FetchText } from './fetch-text.ts';
import type { PodIndex } from './pod-index.ts';
import { podUrl } from './pod-url.ts';
import { reportFingerprint } from './report-fingerprint.ts';

export type Reports = {
  /** The pod's latest report; null: none, or outdated. */
  get(camera: string): CameraWorld['report'];
  /** Polls the camera's pod soon, after an event of the pod. */
  poll(camera: string): void;
  /** Polls every camera's pod until the signal. */
  run(signal: AbortSignal): Promise<void>;
};

/** Older reports are outdated. */
const ageMaxMs = 35_000;
const concurrency = 16;
/** Poll delay while a running camera has no measured frame rate yet, which takes about two seconds. */
const frameRatePendingMs = 2000;
/** Poll delay while a camera starts: the readiness of its pod, which also triggers a poll, follows seconds later. */
const startingMs = 500;

/** Polls the status of the camera pods. `onChange` is called with the camera of a changed report. */
export function createReports(options: {
  pods: PodIndex;
  fetchText: FetchText;
  /** The URL of a pod's camera-service; by default its address and port. */
  addressOf?: (pod: Pod) => string | null;
  onChange: (camera: string) => void;
  clock: Clock;
  random: () => number;
  periodMs?: number;
}): Reports {
  const { pods, fetchText, addressOf = defaultAddress, onChange, clock, random } = options;
  const { periodMs = 10_000 } = options;
  const reports = new Map<
    string,
    NonNullable<CameraWorld['report']> & { fingerprint: string; atMs: number }
  >();
  const policy = { ...defaultQueuePolicy, resyncMs: periodMs, startsPerSecond: 500, debounceMs: 100 };

  function forget(camera: string): void {
    if (reports.delete(camera)) onChange(camera);
  }

  function store(camera: string, podUid: string, status: CameraStatus): void {
    const before = reports.get(camera);
    const fingerprint = reportFingerprint(status);
    reports.set(camera, { podUid, status, fingerprint, atMs: clock.now() });
    if (before?.fingerprint !== fingerprint || before.podUid !== podUid) onChange(camera);
  }

  async function poll(camera: string, signal: AbortSignal): Promise<WorkOutcome> {
    const { current } = sortPods(pods.podsOf(camera), camera);
    const address = current && isServiceRunning(current) ? addressOf(current) : null;
    if (current === null || address === null) {
      forget(camera);
      return { kind: 'done', requeueAfterMs: null, forget: true };
    }
    try {
      const text = await fetchText(`${address}/cameras/${camera}/status`, signal);
      const status = cameraStatusSchema.parse(JSON.parse(text));
      if (status.cameraId === camera) store(camera, current.metadata.uid ?? '', status);
      return { kind: 'done', requeueAfterMs: nextPollMs(status), forget: false };
    } catch {
      // A lasting failure shows in the camera's condition.
      const before = reports.get(camera);
      if (before && clock.now() - before.atMs > ageMaxMs) forget(camera);
      // camera-service does not listen yet.
      const isNew = before?.podUid !== current.metadata.uid && !isPodReady(current);
      return { kind: 'done', requeueAfterMs: isNew ? startingMs : null, forget: false };
    }
  }

  const runner = createQueueRunner({
    queue: createKeyQueue(policy, random),
    ...{ clock, concurrency, work: poll },
  });
  return {
    get(camera) {
      const report = reports.get(camera);
      if (!report || clock.now() - report.atMs > ageMaxMs) return null;
      const { podUid, status } = report;
      return { podUid, status };
    },
    poll: (camera) => runner.add(camera),
    run(signal) {
      for (const camera of pods.cameras()) runner.add(camera);
      return runner.run(signal);
    },
  };
}

/** Null: after the usual period. */
function nextPollMs({ phase, isRunning, video }: CameraStatus): number | null {
  if (phase === 'STARTING') return startingMs;
  return isRunning && (video?.fps ?? null) === null ? frameRatePendingMs : null;
}

function defaultAddress(pod: Pod): string | null {
  return podUrl(pod, workloadPorts.http);
}
