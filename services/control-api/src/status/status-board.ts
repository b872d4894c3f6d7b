import type { CameraConfig } from '@camplane/contracts/camera';
import type { CameraChange } from '@camplane/contracts/camera';
import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { isStatusChange } from '@camplane/contracts/status-change';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { CameraDirectory, RegisteredCamera } from '../access/camera-rights.ts';
import { effectiveStatus, isHeartbeatMissing } from './effective-status.ts';
import type { ReceivedStatus } from './effective-status.ts';
import { withObserved } from './observed-status.ts';

const removalsRememberedMax = 1000;

export type StatusEvent =
  | { type: 'status'; status: CameraStatus }
  | { type: 'heartbeat'; status: CameraStatus }
  | { type: 'removed'; cameraId: string };

/** The latest status of each registered camera. */
export type StatusBoard = CameraDirectory & {
  /** A received status. False if it is ignored: unknown camera, or older than the registration. */
  receive(status: CameraStatus): boolean;
  /** The desired state changed. */
  changed(change: CameraChange): void;
  /**
   * Checks the next `part` (0–1) of all cameras for missing heartbeats. In parts, because many cameras tend to fail
   * together, and clients would receive all events at once.
   */
  sweep(part?: number): void;
  get(cameraId: string): CameraStatus | undefined;
  /** When camera-service last reported a camera (ISO 8601), and whether that is too long ago. */
  heartbeat(cameraId: string): { at: string | null; isMissing: boolean };
  all(): CameraStatus[];
  /** The status of a camera that this process has not registered yet. */
  ofNew(camera: CameraConfig): CameraStatus;
  /** Computes the status again, after a new observation of the operator. */
  refresh(cameraId: string): void;
  subscribe(listener: (event: StatusEvent) => void): () => void;
  /** Notifies after labels of a camera changed, and so perhaps who may see it. @returns unsubscribes */
  onRelabelled(listener: () => void): () => void;
};

type Entry = {
  camera: CameraConfig;
  createdAtMs: number | undefined;
  knownSinceMs: number;
  received: ReceivedStatus | undefined;
  published: CameraStatus;
};

/** @param observedOf the status that the operator of a cluster wrote */
export function createStatusBoard(
  { clock, wallClock }: { clock: Pick<Clock, 'now'>; wallClock: WallClock },
  observedOf: (cameraId: string) => CameraResourceStatus | undefined = () => undefined,
): StatusBoard {
  const entries = new Map<string, Entry>();
  /** Wall clock times of removals: a status sent before one does not belong to a new camera with the same id. */
  const removals = new LRUCache<string, number>({ max: removalsRememberedMax });
  const listeners = new Set<(event: StatusEvent) => void>();
  const labelListeners = new Set<() => void>();

  let sweeping = entries.values();

  const times = () => ({ nowMs: clock.now(), epochMs: wallClock.epochMs() });
  const publish = (event: StatusEvent): void => listeners.forEach((listener) => listener(event));
  const statusOf = (entry: Entry): CameraStatus =>
    withObserved(
      effectiveStatus(entry.camera, entry.knownSinceMs, entry.received, times()),
      observedOf(entry.camera.id),
    );

  /** Publishes the status if it changed, or else as a heartbeat if requested. */
  const update = (entry: Entry, otherwise: 'heartbeat' | 'nothing'): void => {
    const status = statusOf(entry);
    const isChange = isStatusChange(entry.published, status);
    entry.published = status;
    if (isChange) publish({ type: 'status', status });
    else if (otherwise === 'heartbeat') publish({ type: 'heartbeat', status });
  };

  return {
    receive: (status) => {
      const entry = entries.get(status.cameraId);
      if (!entry) return false;
      const removedAtMs = removals.peek(status.cameraId);
      if (removedAtMs !== undefined && Date.parse(status.lastHeartbeat) <= removedAtMs) return false;
      entry.received = { status, receivedAtMs: clock.now() };
      update(entry, 'heartbeat');
      return true;
    },
    changed: (change) => {
      if (change.type === 'removed') {
        if (!entries.delete(change.id)) return;
        removals.set(change.id, wallClock.epochMs());
        publish({ type: 'removed', cameraId: change.id });
        return;
      }
      const { camera, createdAt } = change;
      const createdAtMs = createdAt === undefined ? undefined : Date.parse(createdAt);
      const entry = entries.get(camera.id);
      if (entry) {
        // A camera that is enabled again gets the full time for its first heartbeat.
        if (camera.spec.enabled && !entry.camera.spec.enabled) entry.knownSinceMs = clock.now();
        const isRelabelled = !isDeepStrictEqual(labelsOf(entry.camera), labelsOf(camera));
        entry.camera = camera;
        entry.createdAtMs = createdAtMs;
        if (isRelabelled) labelListeners.forEach((listener) => listener());
        update(entry, 'nothing');
        return;
      }
      const knownSinceMs = clock.now();
      const published = withObserved(
        effectiveStatus(camera, knownSinceMs, undefined, times()),
        observedOf(camera.id),
      );
      entries.set(camera.id, { camera, createdAtMs, knownSinceMs, received: undefined, published });
      publish({ type: 'status', status: published });
    },
    sweep: (part = 1) => {
      for (let left = Math.ceil(entries.size * part); left > 0; left--) {
        let next = sweeping.next();
        if (next.done) {
          sweeping = entries.values();
          next = sweeping.next();
        }
        if (!next.done) update(next.value, 'nothing');
      }
    },
    get: (cameraId) => {
      const entry = entries.get(cameraId);
      return entry && statusOf(entry);
    },
    heartbeat: (cameraId) => {
      const entry = entries.get(cameraId);
      if (!entry) return { at: null, isMissing: false };
      const { camera, knownSinceMs, received } = entry;
      const isMissing = isHeartbeatMissing(camera, knownSinceMs, received, clock.now());
      return { at: received?.status.lastHeartbeat ?? null, isMissing };
    },
    identity: (id) => {
      const entry = entries.get(id);
      return entry && identityOf(entry);
    },
    identities: () => [...entries.values()].map(identityOf),
    all: () => [...entries.values()].map(statusOf).sort((a, b) => (a.cameraId < b.cameraId ? -1 : 1)),
    ofNew: (camera) => effectiveStatus(camera, clock.now(), undefined, times()),
    refresh: (cameraId) => {
      const entry = entries.get(cameraId);
      if (entry) update(entry, 'nothing');
    },
    onRelabelled: (listener) => {
      labelListeners.add(listener);
      return () => labelListeners.delete(listener);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function labelsOf({ spec }: CameraConfig): Readonly<Record<string, string>> {
  return spec.labels ?? {};
}

function identityOf({ camera, createdAtMs }: Entry): RegisteredCamera {
  const identity = { id: camera.id, labels: labelsOf(camera) };
  return createdAtMs === undefined ? identity : { ...identity, createdAtMs };
}
