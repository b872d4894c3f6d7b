import { startFakeCameraService } from './fake-camera-service.ts';
import type { FakeCameraService } from './fake-camera-service.ts';
import { startFaultProxy } from './fault-proxy.ts';
import type { FaultProxy } from './fault-proxy.ts';
import { startOperatorCluster } from './operator-cluster.ts';
import type { OperatorCluster } from './operator-cluster.ts';

/** What an operator in a test needs: a cluster, a proxy to its API, and simulated camera pods. */
export type OperatorEnvironment = {
  cluster: OperatorCluster;
  proxy: FaultProxy;
  cameraService: FakeCameraService;
  stop(): Promise<void>;
};

/** Shared by all tests of a file. Stops everything again if a part does not start. */
export async function startOperatorEnvironment(): Promise<OperatorEnvironment> {
  const started: (() => Promise<void>)[] = [];
  async function stop(): Promise<void> {
    for (const end of started.splice(0).toReversed()) await end();
  }
  try {
    const cluster = await startOperatorCluster();
    started.push(() => cluster.stop());
    const proxy = await startFaultProxy(cluster.kubernetes);
    started.push(() => proxy.close());
    const cameraService = await startFakeCameraService();
    started.push(() => cameraService.close());
    return { cluster, proxy, cameraService, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
