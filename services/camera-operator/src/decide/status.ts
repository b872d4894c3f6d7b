import type { CameraResourceCondition, CameraResourceStatus } from '@camplane/contracts/camera-resource';
import { withTransitionTimes } from '@camplane/contracts/transition-times';
import { endpointsOf } from '@camplane/mediamtx/viewer-addresses';
import { isStatusChanged } from './status-change.ts';
import type { Readiness, Observation } from './readiness.ts';

type Observed = Omit<CameraResourceCondition, 'lastTransitionTime'>;

/** Conditions after Ready, in this order. */
const streamConditions = ['Connected', 'FramesFlowing', 'Readable', 'BrowserPlayable'] as const;
/** Those of a feature that the camera may not use. */
const optionalConditions = ['FramesDelivered', 'SubStreamReady'] as const;
type StreamCondition = (typeof streamConditions | typeof optionalConditions)[number];
const messageMaxLength = 1024;

/** The new status; null if it is not worth a write. Unknown values are absent. */
export function statusOf(observation: Observation, readiness: Readiness): CameraResourceStatus | null {
  const { camera, report, world } = observation;
  const { previous } = camera;
  const lastFrameTime = report?.lastFrameTime ?? previous?.lastFrameTime;
  const node = observation.pods.current?.spec?.nodeName;
  const status: CameraResourceStatus = {
    phase: readiness.phase,
    conditions: conditionsOf(observation, readiness),
    ...videoOf(observation, readiness),
    ...(world.viewers === null ? {} : { viewers: world.viewers }),
    ...restartsOf(observation, readiness),
    ...(lastFrameTime === undefined ? {} : { lastFrameTime }),
    endpoints: viewerEndpoints(observation),
    ...(node === undefined || node === '' ? {} : { node }),
    observedGeneration: camera.generation,
  };
  return isStatusChanged(previous, status) ? status : null;
}

function conditionsOf(observation: Observation, readiness: Readiness): CameraResourceCondition[] {
  const { camera, world } = observation;
  const previous = camera.previous?.conditions ?? [];
  const now = `${new Date(world.nowMs).toISOString().slice(0, 19)}Z`;
  const { status, reason, message } = readiness;
  const observed: Observed[] = [
    {
      type: 'Ready',
      status,
      reason,
      message,
      observedGeneration: observedGenerationOf(observation, readiness),
    },
    ...conditionTypes(camera).map((type) => streamCondition(type, observation, readiness)),
  ];
  const bounded = observed.map((condition) => ({
    ...condition,
    reason: condition.reason.slice(0, 64),
    message: condition.message.slice(0, messageMaxLength),
  }));
  return withTransitionTimes(bounded, previous, now);
}

function conditionTypes({ spec }: Observation['camera']): readonly StreamCondition[] {
  if (!spec.ok) return streamConditions;
  const { detection, source } = spec.value;
  const isUsed = { FramesDelivered: detection.enabled, SubStreamReady: source.subUrl !== null };
  return [...streamConditions, ...optionalConditions.filter((type) => isUsed[type])];
}

/** A reported condition applies to the pod's generation, any other to the newest. */
function observedGenerationOf({ camera, report }: Observation, readiness: Readiness): number {
  const reported = report?.conditions.find(({ type }) => type === 'Ready');
  const isReported = reported?.reason === readiness.reason;
  return isReported ? Math.min(reported.observedGeneration, camera.generation) : camera.generation;
}

function streamCondition(
  type: StreamCondition,
  { camera, report }: Observation,
  readiness: Readiness,
): Observed {
  const reported = report?.conditions.find((condition) => condition.type === type);
  if (reported) {
    const { status, reason, message, observedGeneration } = reported;
    return {
      ...{ type, status, message, reason: reason === '' ? 'Unknown' : reason },
      observedGeneration: Math.min(observedGeneration, camera.generation),
    };
  }
  const before = camera.previous?.conditions?.find((condition) => condition.type === type);
  // The kubelet reports the pod as ready, so nothing has changed.
  if (readiness.status === 'True' && before) {
    const { status, reason, message, observedGeneration } = before;
    return { type, status, reason, message, observedGeneration };
  }
  return {
    ...{ type, status: 'Unknown', reason: 'NoReport', observedGeneration: camera.generation },
    message: "The camera's pod has not reported its status. See the condition Ready.",
  };
}

function restartsOf(
  { report, camera }: Observation,
  readiness: Readiness,
): Pick<CameraResourceStatus, 'restarts'> {
  const restarts = report?.restarts ?? (readiness.status === 'True' ? camera.previous?.restarts : undefined);
  return restarts === undefined ? {} : { restarts };
}

/** Keeps the last known video while the spec is unchanged: a restarted pod first reports no video, then no frame rate. */
function videoOf({ report, camera }: Observation, { phase }: Readiness): Pick<CameraResourceStatus, 'video'> {
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

function viewerEndpoints({ camera, settings }: Observation): CameraResourceStatus['endpoints'] {
  const hasSub = camera.spec.ok && camera.spec.value.source.subUrl !== null;
  const { sub, ...main } = endpointsOf(camera.id, hasSub, settings.addresses);
  return { ...main, ...(sub === null ? {} : { sub }) };
}
