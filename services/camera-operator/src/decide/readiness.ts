import type { CameraResourcePhase } from '@camplane/contracts/camera-resource';
import { cameraResourcePhases } from '@camplane/contracts/camera-resource';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { CameraWorld } from '../world.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { containerNames, isPodReady, isServiceRunning } from './pod.ts';
import type { CameraPods, Pod } from './pod.ts';
import { podTrouble } from './pod-trouble.ts';
import type { CameraRead } from './read-camera.ts';
import type { OperatorReason } from './reasons.ts';
import { sourcesOf } from './sources.ts';

/** All that is known of a camera when its readiness is judged. */
export type Sight = {
  world: CameraWorld;
  settings: OperatorSettings;
  camera: CameraRead;
  pods: CameraPods;
  /** What the current pod says of itself; null where it says nothing, or its container has ended since. */
  report: CameraStatus | null;
  /** An object of the camera's name that is somebody else's, in words; null: there is none. */
  foreign: string | null;
};

export type Readiness = {
  phase: CameraResourcePhase;
  status: 'True' | 'False' | 'Unknown';
  /** The operator's own, or what the camera's pod reports. */
  reason: OperatorReason | (string & {});
  message: string;
};

/** One thing that may decide about the condition Ready; null: it does not. */
type Policy = (sight: Sight) => Readiness | null;

/** In this order, the first that decides wins: the list reads as the specification. */
const policies: readonly Policy[] = [
  specIsValid,
  namesAreFree,
  cameraIsEnabled,
  deviceIsOffered,
  filesAreThere,
  secretIsThere,
  streamIsReady,
  partsAreAccepted,
  podIsHealthy,
  streamReports,
  podIsReady,
  podAnswers,
  podIsNotStuck,
  podStarts,
];

export function readinessOf(sight: Sight): Readiness {
  for (const policy of policies) {
    const readiness = policy(sight);
    if (readiness) return readiness;
  }
  throw new Error('the last policy decides always');
}

/** Whether the workload may be written: what stands in its way is something only a person can change. */
export function mayRun(sight: Sight): boolean {
  return [specIsValid, namesAreFree, deviceIsOffered, filesAreThere].every(
    (policy) => policy(sight) === null,
  );
}

function specIsValid({ camera }: Sight): Readiness | null {
  if (camera.spec.ok) return null;
  return broken('InvalidSpec', `${camera.spec.message} Correct it; what runs already runs on as it was.`);
}

function namesAreFree({ foreign }: Sight): Readiness | null {
  if (foreign === null) return null;
  return broken(
    'NameTaken',
    `${foreign} was not made for this camera, and is left alone. Remove it, or give the camera another name.`,
  );
}

function cameraIsEnabled({ camera, pods }: Sight): Readiness | null {
  if (!camera.spec.ok || camera.spec.value.enabled) return null;
  const isGone = pods.current === null && pods.ending.length === 0;
  return {
    phase: isGone ? 'Stopped' : 'Stopping',
    status: 'False',
    reason: 'Disabled',
    message: 'The camera is stopped. Set spec.enabled to true to see video.',
  };
}

function deviceIsOffered({ camera, settings }: Sight): Readiness | null {
  if (!camera.spec.ok || settings.videoDeviceResource !== null) return null;
  const [device] = sourcesOf(camera.spec.value).devices;
  if (device === undefined) return null;
  return broken(
    'DeviceUnavailable',
    `The camera is on the device /dev/${device} of a node, and this installation has no device plugin to give it to a pod. Install one, and name its resource in CAMPLANE_VIDEO_DEVICE_RESOURCE of the operator, for example smarter-devices/{device}.`,
  );
}

function filesAreThere({ camera, settings }: Sight): Readiness | null {
  if (!camera.spec.ok || settings.mediaClaim !== null || !sourcesOf(camera.spec.value).usesFiles) return null;
  return broken(
    'MediaUnavailable',
    'The camera is a file, and this installation has no volume with files. Name a PersistentVolumeClaim in CAMPLANE_MEDIA_CLAIM of the operator.',
  );
}

function secretIsThere({ world, camera, report }: Sight): Readiness | null {
  const ref = camera.spec.ok ? camera.spec.value.source.credentialsSecretRef : null;
  if (ref === null || world.secret !== null || secretGraceInMs(world) > 0) return null;
  const command = `kubectl create secret generic ${ref.name} --namespace ${world.namespace} --from-literal=username=USER --from-literal=password=PASSWORD`;
  return {
    ...broken(
      'SecretMissing',
      `There is no Secret ${ref.name} with the camera's user name and password. Create it: ${command}`,
    ),
    // The camera may let anyone in.
    ...(report?.isRunning ? { phase: cameraResourcePhases[report.phase] } : {}),
  };
}

const secretGraceMs = 5000;

/** For how long a Secret that is not there is no news: whoever makes a camera and its Secret makes one of them first. */
export function secretGraceInMs({ camera, nowMs }: CameraWorld): number {
  return Date.parse(camera?.metadata.creationTimestamp ?? '') + secretGraceMs - nowMs;
}

function streamIsReady({ report }: Sight): Readiness | null {
  const isReady = report?.phase === 'RUNNING' || report?.phase === 'IDLE';
  return report && isReady ? reported(report) : null;
}

/** Not of a camera that runs: what it was is still there. */
function partsAreAccepted({ world }: Sight): Readiness | null {
  if (world.refusal === null) return null;
  return broken(
    'WriteRefused',
    `The cluster refuses a part of this camera, and the operator tries again: ${world.refusal}`,
  );
}

/** Before what the camera says of itself: that MediaMTX is out of memory says more than that it does not answer. */
function podIsHealthy({ pods, world, camera }: Sight): Readiness | null {
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

function streamReports({ report }: Sight): Readiness | null {
  return report ? reported(report) : null;
}

/** The kubelet asks the pod too, and may reach it where the operator does not: after its restart, for instance. */
function podIsReady({ pods, camera }: Sight): Readiness | null {
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
    message: "The camera's pod is ready; it has not told the operator more yet.",
  };
}

function podAnswers({ pods, world }: Sight): Readiness | null {
  if (!pods.current || !isServiceRunning(pods.current)) return null;
  const { metadata, spec } = pods.current;
  const log = `kubectl logs ${metadata.name} --namespace ${world.namespace} -c ${containerNames.cameraService}`;
  return {
    phase: 'Starting',
    status: 'Unknown',
    reason: 'NoReport',
    message: `The camera's pod runs on ${spec?.nodeName ?? 'its node'} and has told the operator nothing yet. Where it stays so: is the node well, and does a NetworkPolicy stand between? Its log: ${log}`,
  };
}

function podIsNotStuck({ pods, world }: Sight): Readiness | null {
  const stuck = pods.current && stuckPod(pods.current, world.nowMs);
  return stuck && broken(stuck.reason, stuck.message);
}

/** A pod that should have started by now; null: it may need more time. */
export function stuckPod(pod: Pod, nowMs: number): { reason: OperatorReason; message: string } | null {
  if (stuckInMs(pod, nowMs) > 0) return null;
  const { name, namespace } = pod.metadata;
  return {
    reason: 'PodStuck',
    message: `The camera's pod has been starting for more than two minutes. What keeps it (an image, a volume, its node): kubectl describe pod ${name} --namespace ${namespace}`,
  };
}

const stuckAfterMs = 120_000;

/** When a pod that starts will have taken too long; not above 0: it has. */
export function stuckInMs({ status, metadata }: Pod, nowMs: number): number {
  return Date.parse(status?.startTime ?? metadata.creationTimestamp ?? '') + stuckAfterMs - nowMs;
}

function podStarts({ pods }: Sight): Readiness {
  const starting = (reason: OperatorReason, message: string): Readiness => ({
    phase: 'Starting',
    status: 'False',
    reason,
    message,
  });
  if (pods.current) {
    return starting(
      'PodStarting',
      "The camera's pod is being started: images are pulled, containers created.",
    );
  }
  if (pods.ending.length > 0) {
    return starting('PodReplaced', 'The pod before is being ended; then the next one is started.');
  }
  return starting('PodPending', "The camera's pod is being made.");
}

function reported({ phase, reason, message }: CameraStatus): Readiness {
  const isReady = phase === 'RUNNING' || phase === 'IDLE';
  return { phase: cameraResourcePhases[phase], status: isReady ? 'True' : 'False', reason, message };
}

function broken(reason: OperatorReason, message: string): Readiness {
  return { phase: 'Error', status: 'False', reason, message: message.slice(0, 1024) };
}
