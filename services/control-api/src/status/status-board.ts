import type { CameraConfig } from '@camplane/contracts/camera';
import type { CameraChange } from '@camplane/contracts/camera';
import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { isStatusChange } from '@camplane/contracts/status-change';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { LRUCache } from 'lru-cache';
import { effectiveStatus } from './effective-status.ts';
import type { ReceivedStatus } from './effective-status.ts';
import { withObserved } from './observed-status.ts';

const removalsRememberedMax = 1000;

export type StatusEvent =
  | { type: 'status'; status: CameraStatus }
  | { type: 'heartbeat'; status: CameraStatus }
  | { type: 'removed'; cameraId: string };

/** The latest status of each registered camera. */
export type StatusBoard = {
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
  all(): CameraStatus[];
  /** The status of a camera that this process has not registered yet. */
  ofNew(camera: CameraConfig): CameraStatus;
  /** Computes the status again, after a new observation of the operator. */
  refresh(cameraId: string): void;
  subscribe(listener: (event: StatusEvent) => void): () => void;
};

type Entry = {
  camera: CameraConfig;
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
      const { camera } = change;
      const entry = entries.get(camera.id);
      if (entry) {
        // A camera that is enabled again gets the full time for its first heartbeat.
        if (camera.spec.enabled && !entry.camera.spec.enabled) entry.knownSinceMs = clock.now();
        entry.camera = camera;
        update(entry, 'nothing');
        return;
      }
      const knownSinceMs = clock.now();
      const published = withObserved(
        effectiveStatus(camera, knownSinceMs, undefined, times()),
        observedOf(camera.id),
      );
      entries.set(camera.id, { camera, knownSinceMs, received: undefined, published });
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
    all: () => [...entries.values()].map(statusOf).sort((a, b) => (a.cameraId < b.cameraId ? -1 : 1)),
    ofNew: (camera) => effectiveStatus(camera, clock.now(), undefined, times()),
    refresh: (cameraId) => {
      const entry = entries.get(cameraId);
      if (entry) update(entry, 'nothing');
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
