import { workloadPorts } from '@camplane/contracts/camera-workload';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { ownedMeta, selectorOf, withAppliedHash } from './ownership.ts';
import type { CameraOwner } from './ownership.ts';

export type Service = KubernetesObject & { spec: Record<string, unknown> };

/** For the edge, which reads the video, and control-api, which reads snapshots. */
export function serviceOf(owner: CameraOwner): Service {
  return withAppliedHash({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMeta(owner),
    spec: {
      type: 'ClusterIP',
      selector: selectorOf(owner.id),
      // The pod is not ready while the camera is unreachable, but its viewers must stay connected to see the slate.
      publishNotReadyAddresses: true,
      ports: [
        { name: 'http', port: workloadPorts.http, targetPort: 'http', protocol: 'TCP' },
        { name: 'rtsp', port: workloadPorts.rtsp, targetPort: 'rtsp', protocol: 'TCP' },
      ],
    },
  });
}
