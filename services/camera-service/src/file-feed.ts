import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { cameraIdSchema } from '@camplane/contracts/camera-id';
import { cameraInputSchema } from '@camplane/contracts/camera';
import type { CameraConfig } from '@camplane/contracts/camera';
import { fieldsOf } from '@camplane/contracts/problem';
import type { CameraChange, CameraFeed } from './camera-feed.ts';

const fileSchema = z.strictObject({
  cameras: z.array(cameraInputSchema.extend({ id: cameraIdSchema })).max(1000),
});

const pollIntervalMs = 2000;

/**
 * Cameras from a JSON file, `{"cameras": [{"id": …, "source": {"url": …}}]}`, as a pod gets it mounted. A file
 * that becomes invalid is reported, and the cameras it held before go on.
 */
export function createFileFeed(options: {
  file: string;
  onInvalid(message: string): void;
}): CameraFeed & { run(signal: AbortSignal): Promise<void> } {
  const listeners = new Set<(change: CameraChange) => void>();
  let text = '';
  let complaint = '';
  let cameras = new Map<string, CameraConfig>();
  let generation = 0;

  async function look(): Promise<void> {
    const next = await readFile(options.file, 'utf8');
    if (next === text) return;
    const parsed = parseCameras(next);
    text = next;
    generation += 1;
    const before = cameras;
    cameras = new Map(
      parsed.map((camera) => {
        const known = before.get(camera.id);
        const unchanged = known && JSON.stringify({ ...known, generation: 0 }) === JSON.stringify(camera);
        return [camera.id, unchanged ? known : { ...camera, generation }];
      }),
    );
    const changes: CameraChange[] = [
      ...[...before.keys()].filter((id) => !cameras.has(id)).map((id) => ({ type: 'removed' as const, id })),
      ...[...cameras.values()]
        .filter((camera) => before.get(camera.id) !== camera)
        .map((camera) => ({ type: 'changed' as const, camera })),
    ];
    for (const listener of listeners) for (const change of changes) listener(change);
  }

  async function lookSafely(): Promise<void> {
    try {
      await look();
      complaint = '';
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // Said once, not at every look.
      if (message !== complaint) options.onInvalid(message);
      complaint = message;
    }
  }

  return {
    async list() {
      await lookSafely();
      return [...cameras.values()];
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async run(signal) {
      const timer = setInterval(() => void lookSafely(), pollIntervalMs);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      clearInterval(timer);
    },
  };
}

function parseCameras(text: string): CameraConfig[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Error('the cameras file is not JSON', { cause });
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    const fields = fieldsOf(parsed.error).map(({ path, message }) => `${path} ${message}`);
    throw new Error(`the cameras file is not valid: ${fields.slice(0, 5).join('; ')}`);
  }
  return parsed.data.cameras.map(({ id, source, ...spec }) => {
    const { credentials, ...rest } = source;
    return {
      id,
      spec: { ...spec, source: rest },
      credentials: credentials ?? null,
      generation: 0,
      startRequestedAt: null,
    };
  });
}
