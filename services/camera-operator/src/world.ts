import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';

/** All that may be known of one camera when deciding about it, read before anything is written. */
export type CameraWorld = {
  namespace: string;
  name: string;
  /** As the API server gives it, not yet parsed: an older definition may have let anything in. Null: it is gone. */
  camera: KubernetesObject | null;
  deployment: KubernetesObject | null;
  service: KubernetesObject | null;
  configMap: KubernetesObject | null;
  /** Pods with the camera's label, whoever made them. */
  pods: readonly KubernetesObject[];
  /** Metadata of the Secret that the camera names; null: it names none, or there is none of that name. */
  secret: KubernetesObject | null;
  /** The last status that the camera's pod reported; null: none, or it is too old. */
  report: { podUid: string; status: CameraStatus } | null;
  /** Viewers at the edge; null: not known. */
  viewers: number | null;
  /** Why the cluster refused what was just to be written, in its words; null: nothing was refused. */
  refusal: string | null;
  /** Whether a change of the installation may replace this camera's pod now: it is its turn. */
  mayReplace: boolean;
  /** By the wall clock, as the API server's timestamps. */
  nowMs: number;
};
