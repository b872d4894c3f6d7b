import type { CamplaneCluster } from './camplane-cluster.ts';
import { secret } from './street-camera.ts';

/** Chart values for a TURN server (`mediamtx.webrtc.iceServers`). */
export type IceServer = { url: string; credentialsSecret: string; clientOnly: boolean };

/** The TURN server of k8s/components/turn, without an edge that announces it to viewers. */
export async function addTurnServer(camplane: CamplaneCluster, namespace: string): Promise<IceServer> {
  const credentialsSecret = 'camplane-turn';
  const credentials = secret(credentialsSecret, { username: 'viewers', password: 'p@ss-w0rd%20' });
  await camplane.kubectl(['-n', namespace, 'apply', '-f', '-'], credentials);
  await camplane.kubectl(['-n', namespace, 'apply', '--kustomize', 'k8s/components/turn/server']);
  const address = await camplane.addressOf(namespace, 'camplane-turn');
  return { url: `turn:${address}:3478?transport=tcp`, credentialsSecret, clientOnly: true };
}
