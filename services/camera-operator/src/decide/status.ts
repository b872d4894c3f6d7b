import type { CameraResourceCondition, CameraResourceStatus } from '@camplane/contracts/camera-resource';
import { withTransitionTimes } from '@camplane/contracts/transition-times';
import { endpointsOf } from '@camplane/mediamtx/viewer-addresses';
import { isNews } from './status-news.ts';
import type { Readiness, Sight } from './readiness.ts';

type Observed = Omit<CameraResourceCondition, 'lastTransitionTime'>;

/** Conditions beside Ready, in the order in which they are written. */
const streamConditions = ['Connected', 'FramesFlowing', 'BrowserPlayable'] as const;
const messageMaxLength = 1024;

/** The status as it should be; null where what is there says the same. What is not known is absent. */
export function statusOf(sight: Sight, readiness: Readiness): CameraResourceStatus | null {
  const { camera, report, world } = sight;
  const { previous } = camera;
  const lastFrameTime = report?.lastFrameTime ?? previous?.lastFrameTime;
  const node = sight.pods.current?.spec?.nodeName;
  const status: CameraResourceStatus = {
    phase: readiness.phase,
    conditions: conditionsOf(sight, readiness),
    ...videoOf(sight, readiness),
    ...(world.viewers === null ? {} : { viewers: world.viewers }),
    ...restartsOf(sight, readiness),
    ...(lastFrameTime === undefined ? {} : { lastFrameTime }),
    endpoints: viewerEndpoints(sight),
    ...(node === undefined || node === '' ? {} : { node }),
    observedGeneration: camera.generation,
  };
  return isNews(previous, status) ? status : null;
}

function conditionsOf(sight: Sight, readiness: Readiness): CameraResourceCondition[] {
  const { camera, world } = sight;
  const previous = camera.previous?.conditions ?? [];
  const now = `${new Date(world.nowMs).toISOString().slice(0, 19)}Z`;
  const { status, reason, message } = readiness;
  const observed: Observed[] = [
    { type: 'Ready', status, reason, message, observedGeneration: generationSeen(sight, readiness) },
    ...streamConditions.map((type) => streamCondition(type, sight, readiness)),
  ];
  const bounded = observed.map((condition) => ({
    ...condition,
    reason: condition.reason.slice(0, 64),
    message: condition.message.slice(0, messageMaxLength),
  }));
  return withTransitionTimes(bounded, previous, now);
}

/** What the camera's pod says was seen of the generation that the pod has; the rest is seen of the newest. */
function generationSeen({ camera, report }: Sight, readiness: Readiness): number {
  const said = report?.conditions.find(({ type }) => type === 'Ready');
  const isReported = said?.reason === readiness.reason;
  return isReported ? Math.min(said.observedGeneration, camera.generation) : camera.generation;
}

function streamCondition(
  type: (typeof streamConditions)[number],
  { camera, report }: Sight,
  readiness: Readiness,
): Observed {
  const said = report?.conditions.find((condition) => condition.type === type);
  if (said) {
    const { status, reason, message, observedGeneration } = said;
    return {
      ...{ type, status, message, reason: reason === '' ? 'Unknown' : reason },
      observedGeneration: Math.min(observedGeneration, camera.generation),
    };
  }
  const before = camera.previous?.conditions?.find((condition) => condition.type === type);
  // The kubelet says that it is as it was.
  if (readiness.status === 'True' && before) {
    const { status, reason, message, observedGeneration } = before;
    return { type, status, reason, message, observedGeneration };
  }
  return {
    ...{ type, status: 'Unknown', reason: 'NoReport', observedGeneration: camera.generation },
    message: "The camera's pod does not report: see the condition Ready.",
  };
}

function restartsOf({ report, camera }: Sight, readiness: Readiness): Pick<CameraResourceStatus, 'restarts'> {
  const restarts = report?.restarts ?? (readiness.status === 'True' ? camera.previous?.restarts : undefined);
  return restarts === undefined ? {} : { restarts };
}

/** The last known video is kept while the spec is unchanged: a restarted pod reports none, and then no rate, at first. */
function videoOf({ report, camera }: Sight, { phase }: Readiness): Pick<CameraResourceStatus, 'video'> {
  const isStopped = phase === 'Stopped' || phase === 'Stopping';
  const isUnchanged = camera.previous?.observedGeneration === camera.generation;
  const before = isUnchanged && !isStopped ? camera.previous?.video : undefined;
  if (!report?.video) return before ? { video: before } : {};
  const { codec, width, height, fps } = report.video;
  const size = `${width}x${height}`;
  const fpsBefore = before?.codec === codec && before.size === size ? before.fps : undefined;
  const rate = fps === null ? fpsBefore : Math.round(fps * 100) / 100;
  return { video: { codec, width, height, size, ...(rate === undefined ? {} : { fps: rate }) } };
}

function viewerEndpoints({ camera, settings }: Sight): CameraResourceStatus['endpoints'] {
  const hasSub = camera.spec.ok && camera.spec.value.source.subUrl !== null;
  const { sub, ...main } = endpointsOf(camera.id, hasSub, settings.addresses);
  return { ...main, ...(sub === null ? {} : { sub }) };
}
