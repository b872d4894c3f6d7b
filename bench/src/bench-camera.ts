import { startSimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { clipCacheFolder } from '@camplane/testkit/temporary-folder';

export const credentials = { username: 'viewer', password: 'a-password' };

/** The camera of the targets: 720p30, H.264 at 3 Mbit/s, one key frame per second, with a login. */
export function startBenchCamera(): Promise<SimulatedCamera> {
  return startSimulatedCamera({
    content: { kind: 'pattern' },
    codec: 'h264',
    width: 1280,
    height: 720,
    fps: 30,
    keyFrameIntervalSeconds: 1,
    bitrateKbps: 3000,
    credentials,
    port: 0,
    cacheFolder: clipCacheFolder(),
  });
}
