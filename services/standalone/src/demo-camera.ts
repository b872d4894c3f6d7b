import { randomBytes } from 'node:crypto';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFootage } from '@camplane/camera-simulator/footage';
import { startSimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { cameraInputSchema } from '@camplane/contracts/camera';
import type { CameraRegistry } from '@camplane/control-api/cameras/registry';
import type { Logger } from '@camplane/service-kit/logging';

const demoCameraId = 'demo';

/**
 * The demonstration camera: a real RTSP server on loopback with a user and a password of this run, playing
 * footage in a loop, and its entry in the registry. Whoever deletes the entry does not get it back; whoever
 * edits it keeps the edit, and only the address and the password follow the run. Without it everything else
 * works: a failure is told and no more.
 */
export function beginDemoCamera(options: {
  registry: CameraRegistry;
  dataFolder: string;
  log: Logger;
  signal: AbortSignal;
}): {
  /** Resolves when it plays and is registered, or has failed. */
  settled: Promise<void>;
  stop(): Promise<void>;
} {
  const { log } = options;
  let camera: SimulatedCamera | undefined;
  const settled = start().catch((error: unknown) => {
    if (!options.signal.aborted) log.warn({ err: error }, 'the demonstration camera could not be started');
  });

  async function start(): Promise<void> {
    const footage = await findFootage();
    if (footage === null) {
      log.warn(
        'the footage (Debian package opencv-doc) is not installed: the demonstration camera shows a pattern',
      );
    }
    const folder = join(options.dataFolder, 'demo');
    const credentials = { username: 'camplane', password: randomBytes(12).toString('base64url') };
    camera = await startSimulatedCamera({
      ...(footage === null
        ? { content: { kind: 'pattern' }, width: 1280, height: 720, fps: 25 }
        : { content: { kind: 'footage', file: footage }, width: 768, height: 576, fps: 10 }),
      codec: 'h264',
      keyFrameIntervalSeconds: 1,
      credentials,
      port: 0,
      cacheFolder: folder,
      signal: options.signal,
    });
    await register(options.registry, join(folder, 'registered'), camera.url, credentials);
  }

  return {
    settled,
    async stop() {
      await settled;
      await camera?.stop();
    },
  };
}

async function register(
  registry: CameraRegistry,
  marker: string,
  url: string,
  credentials: { username: string; password: string },
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
    'The demonstration camera was added once. Remove this file to have it added again.\n',
  );
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
