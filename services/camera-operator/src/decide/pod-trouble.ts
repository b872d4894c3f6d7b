import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { containerStatuses, podCondition } from './pod.ts';
import type { CameraPods, ContainerStatus, Pod, PodCondition } from './pod.ts';
import type { OperatorReason } from './reasons.ts';

/** Why a camera's pod does not run. */
export type PodTrouble = {
  reason: OperatorReason;
  message: string;
  /** The camera's state is unknown, because its node is unreachable. */
  isUnknown?: true;
  /** A previous message with the same reason has more details and is kept. */
  isVague?: true;
};

type Rule = (pods: CameraPods, deployment: KubernetesObject | null) => PodTrouble | null;

/** The first match wins. */
const rules: readonly Rule[] = [
  (pods, deployment) => (pods.current ? null : admissionTrouble(deployment)),
  (pods) => (pods.current ? schedulingTrouble(pods.current) : null),
  (pods) => (pods.current ? containersTrouble(pods.current) : null),
  (pods) => (pods.current ? null : nodeTrouble(pods.terminating)),
  (pods) => (pods.current || pods.terminating.length > 0 ? null : failedPodTrouble(pods.failed[0])),
];

/** Null if the pod runs or just needs time. */
export function podTrouble(pods: CameraPods, deployment: KubernetesObject | null): PodTrouble | null {
  for (const rule of rules) {
    const trouble = rule(pods, deployment);
    if (trouble) return trouble;
  }
  return null;
}

/** Pod creation is rejected: a quota, a limit range, the Pod Security Standard, a webhook. */
function admissionTrouble(deployment: KubernetesObject | null): PodTrouble | null {
  const { status } = (deployment ?? {}) as { status?: { conditions?: PodCondition[] } };
  const failure = status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  if (!failure) return null;
  const reason = sentence(failure.message);
  if (/exceeded quota/i.test(reason)) {
    return {
      reason: 'QuotaExceeded',
      message: `The cluster rejects the camera's pod: ${reason} Raise the ResourceQuota or remove another workload.`,
    };
  }
  return { reason: 'PodRefused', message: `The cluster rejects the camera's pod: ${reason}` };
}

function schedulingTrouble(pod: Pod): PodTrouble | null {
  const scheduled = podCondition(pod, 'PodScheduled');
  if (scheduled?.status !== 'False') return null;
  return {
    reason: 'Unschedulable',
    message: `No node can run the camera's pod: ${sentence(scheduled.message)} Check spec.placement and the free resources of the nodes.`,
  };
}

function containersTrouble(pod: Pod): PodTrouble | null {
  for (const status of containerStatuses(pod)) {
    const trouble = containerTrouble(status, pod.metadata.name);
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

function containerTrouble(status: ContainerStatus, podName: string): PodTrouble | null {
  const { name, state } = status;
  const waiting = state?.waiting;
  if (waiting?.reason !== undefined && imageReasons.includes(waiting.reason)) return imageTrouble(status);
  if (waiting?.reason !== undefined && creationReasons.includes(waiting.reason)) {
    return {
      reason: 'ContainerCannotBeCreated',
      message: `The container ${name} cannot be created: ${sentence(waiting.message ?? waiting.reason)}`,
    };
  }
  const terminated =
    state?.terminated ?? (waiting?.reason === 'CrashLoopBackOff' ? status.lastState?.terminated : undefined);
  if (terminated?.reason === 'OOMKilled') {
    return {
      reason: 'OutOfMemory',
      message: `The container ${name} exceeded its memory limit and was killed. It restarts automatically. If it happens again, use a smaller stream or another video.mode.`,
    };
  }
  if (!terminated && waiting?.reason !== 'CrashLoopBackOff') return null;
  const exit = `with exit code ${terminated?.exitCode ?? 'unknown'}`;
  return {
    reason: waiting ? 'CrashLoop' : 'ContainerEnded',
    message: `The container ${name} ${waiting ? 'keeps exiting' : 'exited'} ${exit} and restarts automatically. See its log: kubectl logs ${podName} -c ${name} --previous`,
  };
}

/** The kubelet reports the error after an attempt, but not during back-off. */
function imageTrouble({ name, image, state }: ContainerStatus): PodTrouble {
  const { reason = '', message = '' } = state?.waiting ?? {};
  const isBackOff = reason === 'ImagePullBackOff';
  const detail = isBackOff ? message.replace(/^Back-off pulling image "[^"]*"(: ?)?/, '') : message;
  return {
    reason: 'ImagePullFailed',
    message: `The image ${image ?? ''} of the container ${name} cannot be pulled${detail === '' ? '.' : `: ${sentence(detail)}`} Check its name and the cluster's access to the registry.`,
    ...(isBackOff ? { isVague: true } : {}),
  };
}

/** A pod on an unreachable node cannot be deleted, and so blocks its replacement. */
function nodeTrouble(terminating: readonly Pod[]): PodTrouble | null {
  const lost = terminating.find(
    (pod) =>
      pod.status?.reason === 'NodeLost' ||
      podCondition(pod, 'DisruptionTarget')?.reason === 'DeletionByTaintManager',
  );
  if (!lost) return null;
  const node = lost.spec?.nodeName ?? '';
  return {
    reason: 'NodeLost',
    message: `The node ${node} of the camera's pod is unreachable. The pod moves to another node once this one recovers or is deleted: kubectl get node ${node}`,
    isUnknown: true,
  };
}

function failedPodTrouble(pod: Pod | undefined): PodTrouble | null {
  if (!pod) return null;
  const { reason, message } = pod.status ?? {};
  const verb = reason === 'Evicted' ? 'was evicted from its node' : 'was stopped by its node';
  return {
    reason: reason === 'Evicted' ? 'PodEvicted' : 'PodFailed',
    message: `The camera's pod ${verb}: ${sentence(message ?? reason)} It is replaced automatically.`,
  };
}

/** Limits a message of the cluster and ends it with a full stop. */
function sentence(text: string | undefined): string {
  const trimmed = (text ?? '').replace(/\s+/g, ' ').trim().slice(0, 600);
  if (trimmed === '') return 'no reason given.';
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
