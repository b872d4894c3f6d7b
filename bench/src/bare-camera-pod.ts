import type { CamplaneCluster } from '@camplane/e2e/cluster/camplane-cluster';
import { login, streetUrl } from '@camplane/e2e/cluster/street-camera';
import { z } from 'zod';

const deploymentSchema = z.object({
  spec: z.object({
    template: z.object({ spec: z.object({ containers: z.tuple([z.object({ image: z.string() })]) }) }),
  }),
});

/**
 * A hand-written workload for one camera: FFmpeg copying it into MediaMTX, with Camplane's images, under a name that
 * the edge finds.
 */
export async function bareCamera(
  camplane: CamplaneCluster,
  namespace: string,
  name: string,
): Promise<object> {
  const imageOf = async (deployment: string) => {
    const found = deploymentSchema.parse(await camplane.get(namespace, 'deployment', deployment));
    return found.spec.template.spec.containers[0].image;
  };
  const source = streetUrl.replace(
    'rtsp://',
    `rtsp://${encodeURIComponent(login.username)}:${encodeURIComponent(login.password)}@`,
  );
  const labels = { 'camplane.dev/camera': name, app: name };
  const metadata = { name: `camera-${name}` };
  const rtsp = { tcpSocket: { port: 8554 }, periodSeconds: 1 };
  const mediaServer = {
    name: 'mediamtx',
    image: await imageOf('camplane-mediamtx'),
    restartPolicy: 'Always',
    env: [
      { name: `MTX_PATHS_${name.toUpperCase()}_SOURCE`, value: 'publisher' },
      { name: 'MTX_MOQ', value: 'no' },
    ],
    startupProbe: { ...rtsp, failureThreshold: 60 },
  };
  const ffmpeg = {
    name: 'ffmpeg',
    image: await imageOf('camplane-camera-service'),
    command: ['ffmpeg', '-nostdin', '-loglevel', 'error', '-rtsp_transport', 'tcp', '-i', source],
    args: ['-an', '-c:v', 'copy', '-f', 'rtsp', '-rtsp_transport', 'tcp', `rtsp://127.0.0.1:8554/${name}`],
  };
  const spec = {
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    initContainers: [mediaServer],
    containers: [ffmpeg],
  };
  const service = { selector: labels, publishNotReadyAddresses: true, ports: [{ port: 8554 }] };
  const deployment = {
    replicas: 1,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec },
  };
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: 'v1', kind: 'Service', metadata, spec: service },
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: deployment },
    ],
  };
}
