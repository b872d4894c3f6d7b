import { afterAll, beforeAll, jest } from '@jest/globals';
import { createKubernetesApi } from '@camplane/kubernetes/create-kubernetes-api';
import { startPostgres } from '@camplane/testkit/postgres';
import type { TestPostgres } from '@camplane/testkit/postgres';
import { describeCameras } from '../testing/camera-suite.ts';
import type { CameraPlace } from '../testing/camera-suite.ts';
import { startCameraCluster } from '../testing/camera-cluster.ts';
import type { CameraCluster } from '../testing/camera-cluster.ts';

jest.setTimeout(60_000);

let cluster: CameraCluster;
let postgres: TestPostgres;

beforeAll(async () => {
  [cluster, postgres] = await Promise.all([
    startCameraCluster({ displayNameMaxLength: 200 }),
    startPostgres(),
  ]);
});

afterAll(async () => {
  await Promise.all([cluster?.stop(), postgres?.stop()]);
});

describeCameras({
  name: 'a cluster',
  newPlace: async (): Promise<CameraPlace & { namespace: string }> => {
    const namespace = await cluster.newNamespace();
    const api = createKubernetesApi({ kubeConfig: cluster.kubernetes.kubeConfig });
    return {
      namespace,
      config: { dataDir: cluster.folder, frameStoragePath: cluster.folder, databaseUrl: postgres.url },
      options: { cluster: { api, namespace } },
    };
  },
  damage: async ({ namespace }, ids, canary) => {
    const displayName = canary.padEnd(129, '.');
    for (const id of ids) await cluster.patchCamera(namespace, id, { spec: { displayName } });
  },
});
