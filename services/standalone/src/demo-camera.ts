import { randomBytes } from 'node:crypto';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFootage } from '@camplane/camera-simulator/footage';
import { startSimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { cameraInputSchema } from '@camplane/contracts/camera';
import type { CameraRegistry } from '@camplane/control-api/cameras/registry';
import type { ServiceTools } from '@camplane/service-kit/run-service';

const demoCameraId = 'demo';

type Credentials = { username: string; password: string };

/**
 * Simulates a camera on loopback that plays footage in a loop, and registers it. An entry that a user deleted is not
 * added again; of one that a user edited only the address and the password are updated, which change at each start.
 *
 * Resolves when the camera is registered. A failure is logged: everything else works without it.
 */
export async function startDemoCamera(
  { registry, dataFolder }: { registry: CameraRegistry; dataFolder: string },
  { log, onStop, signal }: ServiceTools,
): Promise<void> {
  const folder = join(dataFolder, 'demo');
  const credentials = { username: 'camplane', password: randomBytes(12).toString('base64url') };
  const starting = simulate({ folder, credentials, log, signal });
  onStop('demonstration camera', async () => {
    const camera = await starting.catch(() => null);
    await camera?.stop();
  });
  try {
    const { url } = await starting;
    await register(registry, join(folder, 'registered'), url, credentials);
  } catch (error) {
    if (!signal.aborted)
      log.warn({ err: error }, 'demonstration camera failed to start, continuing without it');
  }
}

async function simulate(
  options: { folder: string; credentials: Credentials } & Pick<ServiceTools, 'log' | 'signal'>,
): Promise<SimulatedCamera> {
  const footage = await findFootage();
  if (footage === null) {
    options.log.warn(
      'footage (Debian package opencv-doc) is not installed, the demonstration camera shows a test pattern',
    );
  }
  return startSimulatedCamera({
    ...(footage === null
      ? { content: { kind: 'pattern' }, width: 1280, height: 720, fps: 25 }
      : { content: { kind: 'footage', file: footage }, width: 768, height: 576, fps: 10 }),
    codec: 'h264',
    keyFrameIntervalSeconds: 1,
    credentials: options.credentials,
    port: 0,
    cacheFolder: options.folder,
    signal: options.signal,
  });
}

async function register(
  registry: CameraRegistry,
  marker: string,
  url: string,
  credentials: Credentials,
): Promise<void> {
  const known = await registry.get(demoCameraId);
  if (known) {
    const { source, ...spec } = known.spec;
    await registry.replace(demoCameraId, { ...spec, source: { ...source, url, credentials } });
    return;
  }
  if (await exists(marker)) return;
  const camera = cameraInputSchema.parse({
    displayName: 'Demonstration camera',
    description:
      'People walking, played in a loop by a simulated camera on this machine. Delete it when you have your own.',
    video: { mode: 'overlay' },
    source: { url, credentials },
  });
  await registry.create({ ...camera, id: demoCameraId });
  await writeFile(
    marker,
    'The demonstration camera was added. Delete this file to add it again at the next start.\n',
  );
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
