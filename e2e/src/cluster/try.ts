import { once } from 'node:events';
import { startCamplaneCluster } from './camplane-cluster.ts';
import { addStreetCamera, streetUrl } from './street-camera.ts';

/**
 * Runs a real node with Camplane's images and a simulated camera, for following docs/guide/kubernetes.md, until
 * interrupted: `make try-cluster`.
 */
const camplane = await startCamplaneCluster();
try {
  await camplane.addVolumes(6);
  await addStreetCamera(camplane);
  process.stdout.write(`
A cluster of one node runs. In another terminal:

  export KUBECONFIG=${camplane.cluster.kubeConfigFile}

and follow docs/guide/kubernetes.md from "Install" on. A camera is at ${streetUrl}
(user and password: e2e/src/cluster/street-camera.ts). Ctrl-C ends it all.
`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
} finally {
  await camplane.stop();
}
