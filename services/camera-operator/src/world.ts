import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';

/** Everything that a decision about one camera depends on. */
export type CameraWorld = {
  namespace: string;
  name: string;
  /** Not parsed yet, because an older CRD may have accepted anything. Null: deleted. */
  camera: KubernetesObject | null;
  deployment: KubernetesObject | null;
  service: KubernetesObject | null;
  configMap: KubernetesObject | null;
  /** Pods with the camera's label. */
  pods: readonly KubernetesObject[];
  /** Metadata of the camera's Secret; null: none referenced, or it does not exist. */
  secret: KubernetesObject | null;
  /** The pod's latest status report; null: none, or outdated. */
  report: { podUid: string; status: CameraStatus } | null;
  /** Viewers at the edge; null: unknown. */
  viewers: number | null;
  /** The API server's message if it just rejected a write of this camera. */
  rejection: string | null;
  /** Whether a change of the installation may replace this camera's pod now. */
  mayReplace: boolean;
  /** Wall clock, like the API server's timestamps. */
  nowMs: number;
};
