import { cameraStatusSchema } from '@camplane/contracts/camera-status';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { workloadPorts } from '@camplane/contracts/camera-workload';
import type { Clock } from '@camplane/runtime/clock';
import { isServiceRunning, sortPods } from '../decide/pod.ts';
import type { Pod } from '../decide/pod.ts';
import { createKeyQueue, defaultQueuePolicy } from '../work-queue/key-queue.ts';
import type { WorkOutcome } from '../work-queue/key-queue.ts';
import { createQueueRunner } from '../work-queue/run-queue.ts';
import type { CameraWorld } from '../world.ts';
import type { FetchText } from './fetch-text.ts';
import type { PodIndex } from './pod-index.ts';
import { podUrl } from './pod-url.ts';
import { newsOf } from './report-news.ts';

export type Reports = {
  /** What the camera's pod last said; null: nothing, or not lately. */
  get(camera: string): CameraWorld['report'];
  /** Something happened to the camera's pod: it is asked soon. */
  ask(camera: string): void;
  /** Asks every camera's pod again and again until the signal. */
  run(signal: AbortSignal): Promise<void>;
};

/** An answer that is older is no longer what the pod says. */
const ageMaxMs = 35_000;
const concurrency = 16;
/** Until a running camera reports its measured rate, which takes about two seconds. */
const rateUnknownMs = 2000;

/** What the cameras' pods say of themselves. `onNews` hears the camera of a report that says something new. */
export function createReports(options: {
  pods: PodIndex;
  fetchText: FetchText;
  /** Where a pod's camera-service answers; its address and port where not given. */
  addressOf?: (pod: Pod) => string | null;
  onNews: (camera: string) => void;
  clock: Clock;
  random: () => number;
  periodMs?: number;
}): Reports {
  const { pods, fetchText, addressOf = defaultAddress, onNews, clock, random } = options;
  const { periodMs = 10_000 } = options;
  const reports = new Map<string, NonNullable<CameraWorld['report']> & { news: string; atMs: number }>();
  const policy = { ...defaultQueuePolicy, resyncMs: periodMs, startsPerSecond: 500, settleMs: 100 };

  function forget(camera: string): void {
    if (reports.delete(camera)) onNews(camera);
  }

  function take(camera: string, podUid: string, status: CameraStatus): void {
    const before = reports.get(camera);
    const news = newsOf(status);
    reports.set(camera, { podUid, status, news, atMs: clock.now() });
    if (before?.news !== news || before.podUid !== podUid) onNews(camera);
  }

  async function look(camera: string, signal: AbortSignal): Promise<WorkOutcome> {
    const { current } = sortPods(pods.podsOf(camera), camera);
    const address = current && isServiceRunning(current) ? addressOf(current) : null;
    if (current === null || address === null) {
      forget(camera);
      return { kind: 'done', againInMs: null, forget: true };
    }
    try {
      const text = await fetchText(`${address}/cameras/${camera}/status`, signal);
      const status = cameraStatusSchema.parse(JSON.parse(text));
      if (status.cameraId === camera) take(camera, current.metadata.uid ?? '', status);
      const isRateUnknown = status.isRunning && (status.video?.fps ?? null) === null;
      return { kind: 'done', againInMs: isRateUnknown ? rateUnknownMs : null, forget: false };
    } catch {
      // That a pod does not answer is told by the camera's condition, when it lasts.
      const before = reports.get(camera);
      if (before && clock.now() - before.atMs > ageMaxMs) forget(camera);
    }
    return { kind: 'done', againInMs: null, forget: false };
  }

  const runner = createQueueRunner({
    queue: createKeyQueue(policy, random),
    ...{ clock, concurrency, work: look },
  });
  return {
    get(camera) {
      const report = reports.get(camera);
      if (!report || clock.now() - report.atMs > ageMaxMs) return null;
      const { podUid, status } = report;
      return { podUid, status };
    },
    ask: (camera) => runner.add(camera),
    run(signal) {
      for (const camera of pods.cameras()) runner.add(camera);
      return runner.run(signal);
    },
  };
}

function defaultAddress(pod: Pod): string | null {
  return podUrl(pod, workloadPorts.http);
}
