import type { CameraId } from './camera-id.ts';

/**
 * How a camera's parts in a cluster are called. The operator makes them, control-api and the edge reach them by
 * these names, the command line finds them by these labels.
 */

/** A Service's name is a DNS label of at most 63 characters, of which the prefix takes seven. */
export const clusterCameraIdMaxLength = 56;

/** The name of a camera's Deployment, Service and ConfigMap. The prefix makes it begin with a letter, as it must. */
export function workloadName(cameraId: CameraId): string {
  return `camera-${cameraId}`;
}

export const cameraLabel = 'camplane.dev/camera';

export const workloadLabels = {
  'app.kubernetes.io/name': 'camera-service',
  'app.kubernetes.io/component': 'camera',
  'app.kubernetes.io/part-of': 'camplane',
  'app.kubernetes.io/managed-by': 'camera-operator',
} as const;

/** Ports of a camera's pod, and of its Service. */
export const workloadPorts = { http: 9100, rtsp: 8554 } as const;

/**
 * Written on a camera's pods when the configuration or the credentials that are mounted in them have changed: an
 * annotation that changes makes the kubelet bring the mounted files up to date at once, not within a minute or two
 * (https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically).
 */
export const configVersionAnnotation = 'camplane.dev/config-version';

/**
 * Written on a `Camera` when someone asks for a start by hand (ISO 8601): its change ends a pause between attempts, as
 * `startRequestedAt` of a `CameraConfig` does.
 */
export const startRequestedAnnotation = 'camplane.dev/start-requested-at';
