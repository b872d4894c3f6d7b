import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import type { KubernetesObject, ResourceType } from '@camplane/kubernetes/kubernetes-object';

/** The writes for one camera, in this order. Empty if everything is up to date. */
export type CameraPlan = {
  /** Applied server-side with force. Contains only objects that differ from the live ones. */
  apply: { type: ResourceType; object: KubernetesObject }[];
  /** Annotations for running pods (merge patch), which make the kubelet refresh mounted files at once. */
  annotatePods: { name: string; annotations: Record<string, string> }[];
  remove: { type: ResourceType; name: string; uid: string }[];
  /** The complete new status; null: unchanged. */
  status: CameraResourceStatus | null;
  /** On transitions. `reason` is in CamelCase. */
  events: { type: 'Normal' | 'Warning'; reason: string; message: string }[];
  /** See `replacementOf`. */
  replacement: 'replaces' | 'waits' | null;
  /** When to reconcile again without a change; null: at the next resync. */
  requeueAfterMs: number | null;
};
