import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { CameraConfig, Credentials } from '@camplane/contracts/camera';
import type { CameraChange } from '@camplane/contracts/camera';
import { camerasFileSchema } from '@camplane/contracts/cameras-file';
import type { CamerasFile } from '@camplane/contracts/cameras-file';
import { fieldsOf } from '@camplane/contracts/problem';
import { messageOf } from '@camplane/runtime/message-of';
import type { CameraFeed } from './camera-feed.ts';
import { readCredentials } from './credentials-folder.ts';

type FileCamera = CamerasFile['cameras'][number];

/** A changed file or Secret takes effect within about a second. Reading three small files is cheap. */
const pollIntervalMs = 500;

export type FileFeed = CameraFeed & {
  /** Polls for changes until the signal. */
  run(signal: AbortSignal): Promise<void>;
  /** Why no cameras could be loaded yet; null once a file was loaded, and if the file does not exist. */
  loadError(): string | null;
};

/**
 * Cameras from a JSON file, `{"cameras": [{"id": …, "source": {"url": …}}]}`, which is mounted into a pod. If the file becomes
 * invalid or is deleted, that is reported and the cameras stay unchanged.
 */
export function createFileFeed(options: {
  file: string;
  /** A mounted Secret with the credentials of the file's single camera (see `credentials-folder.ts`). */
  credentialsFolder?: string | undefined;
  /** Called once per error, not with every poll. */
  onInvalid(reason: string): void;
}): FileFeed {
  const listeners = new Set<(change: CameraChange) => void>();
  let loaded = '';
  let lastError = '';
  let loadError: string | null = 'the cameras file was not read yet';
  let cameras = new Map<string, CameraConfig>();
  let generation = 0;

  async function reload(): Promise<void> {
    const text = await readFile(options.file, 'utf8');
    const { credentialsFolder } = options;
    const credentials = credentialsFolder === undefined ? null : await readCredentials(credentialsFolder);
    const next = JSON.stringify([text, credentials]);
    if (next === loaded) return;
    const parsed = parseCameras(text);
    if (credentials !== null && parsed.length > 1) {
      throw new Error(
        'the cameras file has several cameras, but a credentials folder belongs to a single one',
      );
    }
    loaded = next;
    generation += 1;
    const before = cameras;
    cameras = new Map(
      parsed.map((camera) => {
        const config = configOf(camera, credentials, generation);
        const known = before.get(config.id);
        const isUnchanged = known !== undefined && isSame(known, config, camera.generation !== undefined);
        return [config.id, isUnchanged ? known : config];
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

  async function reloadSafely(): Promise<void> {
    try {
      await reload();
      lastError = '';
      loadError = null;
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const message = isMissing ? `${options.file} does not exist` : messageOf(error);
      if (loaded === '') loadError = isMissing ? null : message;
      if (message !== lastError) options.onInvalid(message);
      lastError = message;
    }
  }

  // One reload at a time: a slow one must not report an older state after a later one.
  let reloading: Promise<void> = Promise.resolve();
  const reloadInTurn = () => (reloading = reloading.then(reloadSafely));

  return {
    async list() {
      await reloadInTurn();
      return [...cameras.values()];
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async run(signal) {
      while (!signal.aborted) {
        await reloadInTurn();
        await delay(pollIntervalMs, undefined, { signal }).catch(() => undefined);
      }
    },
    loadError: () => loadError,
  };
}

function parseCameras(text: string): FileCamera[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Error('the cameras file is not JSON', { cause });
  }
  const parsed = camerasFileSchema.safeParse(json);
  if (!parsed.success) {
    const fields = fieldsOf(parsed.error).map(({ path, message }) => `${path} ${message}`);
    throw new Error(`the cameras file is not valid: ${fields.slice(0, 5).join('; ')}`);
  }
  return parsed.data.cameras;
}

/** Credentials of the folder take precedence over those of the file. A generation is the file's, or counts its changes. */
function configOf(
  { id, source, generation, startRequestedAt, ...spec }: FileCamera,
  folderCredentials: Credentials | null,
  count: number,
): CameraConfig {
  const { credentials, ...rest } = source;
  return {
    id,
    spec: { ...spec, source: rest },
    credentials: folderCredentials ?? credentials ?? null,
    generation: generation ?? count,
    startRequestedAt,
  };
}

function isSame(known: CameraConfig, config: CameraConfig, isGenerationGiven: boolean): boolean {
  const generation = isGenerationGiven ? config.generation : known.generation;
  return JSON.stringify(known) === JSON.stringify({ ...config, generation });
}
