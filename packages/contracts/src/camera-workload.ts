import type { CameraId } from './camera-id.ts';

/*
 * Names and labels of the objects that run a camera in a cluster. The operator creates them, control-api and the edge
 * reach them by name, the command line finds them by label.
 */

/** A Service name is a DNS label of at most 63 characters; the prefix takes seven of them. */
export const clusterCameraIdMaxLength = 56;

/** Name of the Deployment, Service and ConfigMap of a camera. A Service name must start with a letter. */
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

/** Ports of the pod of a camera, and of its Service. */
export const workloadPorts = { http: 9100, rtsp: 8554 } as const;

/**
 * Set on the pods of a camera when their mounted configuration or credentials change. A changed annotation makes the
 * kubelet update mounted files at once instead of within two minutes
 * (https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically).
 */
export const configVersionAnnotation = 'camplane.dev/config-version';

/** Set on a `Camera` by a manual start (ISO 8601): `startRequestedAt` of a `CameraConfig`. */
export const startRequestedAnnotation = 'camplane.dev/start-requested-at';
