import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import type { KubernetesObject, ResourceType } from '@camplane/kubernetes/kubernetes-object';

/** What is to be written for one camera, in this order. Empty when all is as it should be. */
export type CameraPlan = {
  /** Applied server-side with force; each is there only if what is there differs from it. */
  apply: { type: ResourceType; object: KubernetesObject }[];
  /** Annotations for running pods (a merge patch), so that the kubelet brings mounted files up to date at once. */
  annotatePods: { name: string; annotations: Record<string, string> }[];
  remove: { type: ResourceType; name: string; uid: string }[];
  /** The whole new status; null: it stays as it is. */
  status: CameraResourceStatus | null;
  /** For people, on transitions. `reason` in CamelCase. */
  events: { type: 'Normal' | 'Warning'; reason: string; message: string }[];
  /** What a change of the installation does to the camera's pod: see `replacementOf`. `null`: nothing. */
  replacement: 'replaces' | 'waits' | null;
  /** When to look again though nothing changed; null: at the next resync. */
  lookAgainInMs: number | null;
};
