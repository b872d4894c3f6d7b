import { workloadPorts } from '@camplane/contracts/camera-workload';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { ownedMeta, selectorOf, stamped } from './ownership.ts';
import type { CameraOwner } from './ownership.ts';

export type Service = KubernetesObject & { spec: Record<string, unknown> };

/** Where the edge reads a camera's video, and control-api its pictures. */
export function serviceOf(owner: CameraOwner): Service {
  return stamped({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMeta(owner),
    spec: {
      type: 'ClusterIP',
      selector: selectorOf(owner.id),
      // The pod is not ready while the camera is away, and shows its viewers a slate meanwhile: they must stay.
      publishNotReadyAddresses: true,
      ports: [
        { name: 'http', port: workloadPorts.http, targetPort: 'http', protocol: 'TCP' },
        { name: 'rtsp', port: workloadPorts.rtsp, targetPort: 'rtsp', protocol: 'TCP' },
      ],
    },
  });
}
