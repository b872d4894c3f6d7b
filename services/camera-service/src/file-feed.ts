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

/** A changed file or login is at work within about a second. Reading three small files is cheap. */
const pollIntervalMs = 500;

export type FileFeed = CameraFeed & {
  /** Looks for changes until the signal. */
  run(signal: AbortSignal): Promise<void>;
  /** Why no camera of the file could ever be run, be it that it was not looked at yet; null: some were, or there is no file. */
  trouble(): string | null;
};

/**
 * Cameras from a JSON file, `{"cameras": [{"id": …, "source": {"url": …}}]}`, as a pod gets it mounted. A file
 * that becomes invalid or goes is reported, and the cameras it held before go on.
 */
export function createFileFeed(options: {
  file: string;
  /** A mounted Secret with the login of the one camera of the file (see `credentials-folder.ts`). */
  credentialsFolder?: string | undefined;
  onInvalid(message: string): void;
}): FileFeed {
  const listeners = new Set<(change: CameraChange) => void>();
  let seen = '';
  let complaint = '';
  let trouble: string | null = 'the file of cameras was not read yet';
  let cameras = new Map<string, CameraConfig>();
  let generation = 0;

  async function look(): Promise<void> {
    const text = await readFile(options.file, 'utf8');
    const { credentialsFolder } = options;
    const credentials = credentialsFolder === undefined ? null : await readCredentials(credentialsFolder);
    const next = JSON.stringify([text, credentials]);
    if (next === seen) return;
    const parsed = parseCameras(text);
    if (credentials !== null && parsed.length > 1) {
      throw new Error('the cameras file holds several cameras: a credentials folder is that of a single one');
    }
    seen = next;
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

  async function lookSafely(): Promise<void> {
    try {
      await look();
      complaint = '';
      trouble = null;
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const message = isMissing
        ? `there is no file ${options.file}: the cameras are as they were`
        : messageOf(error);
      if (seen === '') trouble = isMissing ? null : message;
      // Said once, not at every look.
      if (message !== complaint) options.onInvalid(message);
      complaint = message;
    }
  }

  // One look at a time: a slow one must not tell what a later one has overtaken.
  let looking: Promise<void> = Promise.resolve();
  const lookInTurn = () => (looking = looking.then(lookSafely));

  return {
    async list() {
      await lookInTurn();
      return [...cameras.values()];
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async run(signal) {
      while (!signal.aborted) {
        await lookInTurn();
        await delay(pollIntervalMs, undefined, { signal }).catch(() => undefined);
      }
    },
    trouble: () => trouble,
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

/** The login of the folder goes before one in the file. A generation is the file's, or counts its changes. */
function configOf(
  { id, source, generation, startRequestedAt, ...spec }: FileCamera,
  login: Credentials | null,
  count: number,
): CameraConfig {
  const { credentials, ...rest } = source;
  return {
    id,
    spec: { ...spec, source: rest },
    credentials: login ?? credentials ?? null,
    generation: generation ?? count,
    startRequestedAt,
  };
}

function isSame(known: CameraConfig, config: CameraConfig, isGenerationGiven: boolean): boolean {
  const generation = isGenerationGiven ? config.generation : known.generation;
  return JSON.stringify(known) === JSON.stringify({ ...config, generation });
}
