import { credentialsLabel, secretRefusalFor } from '@camplane/contracts/camera-secret';
import type { CameraResourcePhase } from '@camplane/contracts/camera-resource';
import { cameraResourcePhases } from '@camplane/contracts/camera-resource';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { CameraWorld } from '../world.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { containerNames, isPodReady, isServiceRunning } from './pod.ts';
import type { CameraPods, Pod } from './pod.ts';
import { podTrouble } from './pod-trouble.ts';
import type { ParsedCamera } from './parse-camera.ts';
import type { OperatorReason } from './reasons.ts';
import { sourcesOf } from './sources.ts';

/** Everything known about a camera when its readiness is decided. */
export type Observation = {
  world: CameraWorld;
  settings: OperatorSettings;
  camera: ParsedCamera;
  pods: CameraPods;
  /** The current pod's report; null: none, or its container has exited since. */
  report: CameraStatus | null;
  /** Describes an object with the camera's name that belongs to another owner. */
  foreign: string | null;
};

export type Readiness = {
  phase: CameraResourcePhase;
  status: 'True' | 'False' | 'Unknown';
  /** A reason of the operator, or one that the pod reports. */
  reason: OperatorReason | (string & {});
  message: string;
};

/** Decides the condition Ready, or returns null. */
type Policy = (observation: Observation) => Readiness | null;

/** The first result wins. */
const policies: readonly Policy[] = [
  specIsValid,
  namesAreFree,
  cameraIsEnabled,
  deviceIsOffered,
  filesAreThere,
  secretIsThere,
  secretIsAllowed,
  streamIsReady,
  writesAreAccepted,
  podIsHealthy,
  streamReports,
  podIsReady,
  podReportIsPending,
  podIsNotStuck,
  podStarts,
];

export function readinessOf(observation: Observation): Readiness {
  for (const policy of policies) {
    const readiness = policy(observation);
    if (readiness) return readiness;
  }
  throw new Error('the last policy always decides');
}

/** False if only a user can fix what prevents the workload. */
export function canRun(observation: Observation): boolean {
  return [specIsValid, namesAreFree, deviceIsOffered, filesAreThere].every(
    (policy) => policy(observation) === null,
  );
}

function specIsValid({ camera }: Observation): Readiness | null {
  if (camera.spec.ok) return null;
  return errorReadiness(
    'InvalidSpec',
    `${camera.spec.message} Correct it. The running workload is unchanged.`,
  );
}

function namesAreFree({ foreign }: Observation): Readiness | null {
  if (foreign === null) return null;
  return errorReadiness(
    'NameTaken',
    `${foreign} does not belong to this camera and is left unchanged. Delete it, or rename the camera.`,
  );
}

function cameraIsEnabled({ camera, pods }: Observation): Readiness | null {
  if (!camera.spec.ok || camera.spec.value.enabled) return null;
  const isGone = pods.current === null && pods.terminating.length === 0;
  return {
    phase: isGone ? 'Stopped' : 'Stopping',
    status: 'False',
    reason: 'Disabled',
    message: 'The camera is stopped. Set spec.enabled to true to start it.',
  };
}

function deviceIsOffered({ camera, settings }: Observation): Readiness | null {
  if (!camera.spec.ok || settings.videoDeviceResource !== null) return null;
  const [device] = sourcesOf(camera.spec.value).devices;
  if (device === undefined) return null;
  return errorReadiness(
    'DeviceUnavailable',
    `The source is the device /dev/${device} of a node, and no device plugin is configured. Install one and set CAMPLANE_VIDEO_DEVICE_RESOURCE of the operator to its resource, for example smarter-devices/{device}.`,
  );
}

function filesAreThere({ camera, settings }: Observation): Readiness | null {
  if (!camera.spec.ok || settings.mediaClaim !== null || !sourcesOf(camera.spec.value).usesFiles) return null;
  return errorReadiness(
    'MediaUnavailable',
    'The source is a file, and no volume for files is configured. Set CAMPLANE_MEDIA_CLAIM of the operator to a PersistentVolumeClaim.',
  );
}

function secretIsThere({ world, camera, report }: Observation): Readiness | null {
  const ref = camera.spec.ok ? camera.spec.value.source.credentialsSecretRef : null;
  if (ref === null || world.secret !== null || secretGraceInMs(world) > 0) return null;
  const command = `kubectl create secret generic ${ref.name} --namespace ${world.namespace} --from-literal=username=USER --from-literal=password=PASSWORD && kubectl label secret ${ref.name} --namespace ${world.namespace} ${credentialsLabel}=true`;
  return {
    ...errorReadiness(
      'SecretMissing',
      `The Secret ${ref.name} with the camera's user name and password does not exist. Create it: ${command}`,
    ),
    // The camera may accept connections without a login.
    ...(report?.isRunning ? { phase: cameraResourcePhases[report.phase] } : {}),
  };
}

function secretIsAllowed({ world, camera, report }: Observation): Readiness | null {
  const refusal = world.secret && secretRefusalFor(camera.uid, world.secret.metadata);
  if (!refusal || !world.secret) return null;
  const { name } = world.secret.metadata;
  const message =
    refusal.reason === 'other-owner'
      ? `The Secret ${name} belongs to the camera ${refusal.owner}, which alone may use it. Create another Secret for this camera.`
      : `The Secret ${name} may not be used by cameras, because it lacks a label. If its user name and password are those of the camera: kubectl label secret ${name} --namespace ${world.namespace} ${credentialsLabel}=true`;
  return {
    ...errorReadiness('SecretNotAllowed', message),
    ...(report?.isRunning ? { phase: cameraResourcePhases[report.phase] } : {}),
  };
}

const secretGraceMs = 5000;

/** Remaining time to wait for the Secret of a new camera, which may be created after it. */
export function secretGraceInMs({ camera, nowMs }: CameraWorld): number {
  return Date.parse(camera?.metadata.creationTimestamp ?? '') + secretGraceMs - nowMs;
}

function streamIsReady({ report }: Observation): Readiness | null {
  const isReady = report?.phase === 'RUNNING' || report?.phase === 'IDLE';
  return report && isReady ? reportedReadiness(report) : null;
}

/** After `streamIsReady`: a running camera keeps its workload. */
function writesAreAccepted({ world }: Observation): Readiness | null {
  if (world.rejection === null) return null;
  return errorReadiness(
    'WriteRefused',
    `The cluster rejects a write for this camera; the operator retries: ${world.rejection}`,
  );
}

/** Before `streamReports`: an OOM-killed MediaMTX explains more than the report that it is unreachable. */
function podIsHealthy({ pods, world, camera }: Observation): Readiness | null {
  const trouble = podTrouble(pods, world.deployment);
  if (!trouble) return null;
  const before = camera.previous?.conditions?.find(({ type }) => type === 'Ready');
  const message = trouble.isVague && before?.reason === trouble.reason ? before.message : trouble.message;
  return {
    phase: 'Error',
    status: trouble.isUnknown ? 'Unknown' : 'False',
    reason: trouble.reason,
    message,
  };
}

function streamReports({ report }: Observation): Readiness | null {
  return report ? reportedReadiness(report) : null;
}

/** The kubelet may know that the pod is ready before the operator does, for example after an operator restart. */
function podIsReady({ pods, camera }: Observation): Readiness | null {
  if (!pods.current || !isPodReady(pods.current)) return null;
  const before = camera.previous?.conditions?.find(({ type }) => type === 'Ready');
  const { phase } = camera.previous ?? {};
  if (before?.status === 'True' && phase !== undefined) {
    return { phase, status: 'True', reason: before.reason, message: before.message };
  }
  return {
    phase: 'Running',
    status: 'True',
    reason: 'PodReady',
    message: "The camera's pod is ready. Its first status report is pending.",
  };
}

function podReportIsPending({ pods, world }: Observation): Readiness | null {
  if (!pods.current || !isServiceRunning(pods.current)) return null;
  const { metadata, spec } = pods.current;
  const log = `kubectl logs ${metadata.name} --namespace ${world.namespace} -c ${containerNames.cameraService}`;
  return {
    phase: 'Starting',
    status: 'Unknown',
    reason: 'NoReport',
    message: `The camera's pod runs on ${spec?.nodeName ?? 'its node'}, but has not reported its status yet. If this lasts, check the node and the NetworkPolicies. See its log: ${log}`,
  };
}

function podIsNotStuck({ pods, world }: Observation): Readiness | null {
  const stuck = pods.current && stuckPod(pods.current, world.nowMs);
  return stuck && errorReadiness(stuck.reason, stuck.message);
}

/** Null while a pod may still need time to start. */
export function stuckPod(pod: Pod, nowMs: number): { reason: OperatorReason; message: string } | null {
  if (stuckInMs(pod, nowMs) > 0) return null;
  const { name, namespace } = pod.metadata;
  return {
    reason: 'PodStuck',
    message: `The camera's pod has been starting for more than two minutes. See why (image, volume, node): kubectl describe pod ${name} --namespace ${namespace}`,
  };
}

const stuckAfterMs = 120_000;

/** Remaining time for a pod to start; 0 or less: it takes too long. */
export function stuckInMs({ status, metadata }: Pod, nowMs: number): number {
  return Date.parse(status?.startTime ?? metadata.creationTimestamp ?? '') + stuckAfterMs - nowMs;
}

function podStarts({ pods }: Observation): Readiness {
  const starting = (reason: OperatorReason, message: string): Readiness => ({
    phase: 'Starting',
    status: 'False',
    reason,
    message,
  });
  if (pods.current) {
    return starting('PodStarting', "The camera's pod is starting: pulling images, creating containers.");
  }
  if (pods.terminating.length > 0) {
    return starting('PodReplaced', 'The old pod is stopping; the new one starts after it.');
  }
  return starting('PodPending', "The camera's pod is being created.");
}

function reportedReadiness({ phase, reason, message, conditions }: CameraStatus): Readiness {
  const ready = conditions.find(({ type }) => type === 'Ready');
  return { phase: cameraResourcePhases[phase], status: 'False', reason, message, ...readyOf(ready) };
}

function readyOf(ready: CameraStatus['conditions'][number] | undefined) {
  return ready && { status: ready.status, reason: ready.reason, message: ready.message };
}

function errorReadiness(reason: OperatorReason, message: string): Readiness {
  return { phase: 'Error', status: 'False', reason, message: message.slice(0, 1024) };
}
