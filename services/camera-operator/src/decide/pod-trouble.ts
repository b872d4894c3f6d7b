import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { containerStatuses, podCondition } from './pod.ts';
import type { CameraPods, ContainerStatus, Pod, PodCondition } from './pod.ts';
import type { OperatorReason } from './reasons.ts';

/** Why a camera's pod does not run, in words. */
export type PodTrouble = {
  reason: OperatorReason;
  message: string;
  /** It is not known how the camera is, only that nothing is heard of it. */
  isUnknown?: true;
  /** Said in fewer words than a moment ago, of the same thing: what was said stays. */
  isVague?: true;
};

type Rule = (pods: CameraPods, deployment: KubernetesObject | null) => PodTrouble | null;

/** In this order; the first that applies wins. */
const rules: readonly Rule[] = [
  (pods, deployment) => (pods.current ? null : refusedPod(deployment)),
  (pods) => (pods.current ? ofScheduling(pods.current) : null),
  (pods) => (pods.current ? ofContainers(pods.current) : null),
  (pods) => (pods.current ? null : ofLostNode(pods.ending)),
  (pods) => (pods.current || pods.ending.length > 0 ? null : ofFailedPod(pods.failed[0])),
];

/** The first thing that is wrong with a camera's pod; null where nothing is, or only time is needed. */
export function podTrouble(pods: CameraPods, deployment: KubernetesObject | null): PodTrouble | null {
  for (const rule of rules) {
    const trouble = rule(pods, deployment);
    if (trouble) return trouble;
  }
  return null;
}

/** No pod is made at all: a quota, a limit range, the Pod Security Standard, a webhook. */
function refusedPod(deployment: KubernetesObject | null): PodTrouble | null {
  const { status } = (deployment ?? {}) as { status?: { conditions?: PodCondition[] } };
  const failure = status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  if (!failure) return null;
  const said = sentence(failure.message);
  if (/exceeded quota/i.test(said)) {
    return {
      reason: 'QuotaExceeded',
      message: `The cluster refuses the camera's pod: ${said} Raise the ResourceQuota or remove another workload.`,
    };
  }
  return { reason: 'PodRefused', message: `The cluster refuses the camera's pod: ${said}` };
}

function ofScheduling(pod: Pod): PodTrouble | null {
  const scheduled = podCondition(pod, 'PodScheduled');
  if (scheduled?.status !== 'False') return null;
  return {
    reason: 'Unschedulable',
    message: `No node can take the camera's pod: ${sentence(scheduled.message)} See spec.placement and the nodes' room.`,
  };
}

function ofContainers(pod: Pod): PodTrouble | null {
  for (const status of containerStatuses(pod)) {
    const trouble = ofContainer(status, pod.metadata.name);
    if (trouble) return trouble;
  }
  return null;
}

const imageReasons = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
];
const creationReasons = [
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'StartError',
  'PreStartHookError',
];

function ofContainer(status: ContainerStatus, podName: string): PodTrouble | null {
  const { name, state } = status;
  const waiting = state?.waiting;
  if (waiting?.reason !== undefined && imageReasons.includes(waiting.reason)) return ofImage(status);
  if (waiting?.reason !== undefined && creationReasons.includes(waiting.reason)) {
    return {
      reason: 'ContainerCannotBeCreated',
      message: `The container ${name} cannot be created: ${sentence(waiting.message ?? waiting.reason)}`,
    };
  }
  const ended =
    state?.terminated ?? (waiting?.reason === 'CrashLoopBackOff' ? status.lastState?.terminated : undefined);
  if (ended?.reason === 'OOMKilled') {
    return {
      reason: 'OutOfMemory',
      message: `The container ${name} took more memory than its limit and was killed. It is started again by itself; where it goes on, choose a smaller stream or another video.mode.`,
    };
  }
  if (!ended && waiting?.reason !== 'CrashLoopBackOff') return null;
  const how = `with exit code ${ended?.exitCode ?? 'unknown'}`;
  return {
    reason: waiting ? 'CrashLoop' : 'ContainerEnded',
    message: `The container ${name} ended ${waiting ? `again and again, last ${how}` : how}. It is started again by itself; its log: kubectl logs ${podName} -c ${name} --previous`,
  };
}

/** The kubelet says what is wrong when it has tried, and only that it waits while it waits. */
function ofImage({ name, image, state }: ContainerStatus): PodTrouble {
  const { reason = '', message = '' } = state?.waiting ?? {};
  const isBackOff = reason === 'ImagePullBackOff';
  const said = isBackOff ? message.replace(/^Back-off pulling image "[^"]*"(: ?)?/, '') : message;
  return {
    reason: 'ImagePullFailed',
    message: `The image ${image ?? ''} of the container ${name} cannot be pulled${said === '' ? '.' : `: ${sentence(said)}`} Check its name, and that the registry lets this cluster in.`,
    ...(isBackOff ? { isVague: true } : {}),
  };
}

/** A pod that cannot be ended because its node is not heard of keeps its successor from starting. */
function ofLostNode(ending: readonly Pod[]): PodTrouble | null {
  const lost = ending.find(
    (pod) =>
      pod.status?.reason === 'NodeLost' ||
      podCondition(pod, 'DisruptionTarget')?.reason === 'DeletionByTaintManager',
  );
  if (!lost) return null;
  const node = lost.spec?.nodeName ?? '';
  return {
    reason: 'NodeLost',
    message: `Nothing is heard of the node ${node} that the camera's pod runs on. The pod is made on another one when the node is back or is deleted: kubectl get node ${node}`,
    isUnknown: true,
  };
}

function ofFailedPod(pod: Pod | undefined): PodTrouble | null {
  if (!pod) return null;
  const { reason, message } = pod.status ?? {};
  const verb = reason === 'Evicted' ? 'was evicted from its node' : 'was ended by its node';
  return {
    reason: reason === 'Evicted' ? 'PodEvicted' : 'PodFailed',
    message: `The camera's pod ${verb}: ${sentence(message ?? reason)} Another one is made by itself.`,
  };
}

/** Somebody else's words, bounded and ended by a full stop. */
function sentence(text: string | undefined): string {
  const words = (text ?? '').replace(/\s+/g, ' ').trim().slice(0, 600);
  if (words === '') return 'no reason was given.';
  return /[.!?]$/.test(words) ? words : `${words}.`;
}
