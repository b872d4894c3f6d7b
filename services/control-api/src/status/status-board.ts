import type { CameraConfig } from '@camplane/contracts/camera';
import type { CameraChange } from '@camplane/contracts/camera';
import type { CameraResourceStatus } from '@camplane/contracts/camera-resource';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { isStatusChange } from '@camplane/contracts/status-change';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { LRUCache } from 'lru-cache';
import { effectiveStatus } from './effective-status.ts';
import type { Heard } from './effective-status.ts';
import { withObserved } from './observed-status.ts';

const removalsRememberedMax = 1000;

export type StatusNews =
  | { type: 'status'; status: CameraStatus }
  | { type: 'heartbeat'; status: CameraStatus }
  | { type: 'removed'; cameraId: string };

/** The latest status of each registered camera. */
export type StatusBoard = {
  /** A status came in; false if it was not of a registered camera, or from before its registration. */
  hear(status: CameraStatus): boolean;
  /** What is wanted changed. */
  changed(change: CameraChange): void;
  /**
   * Looks for cameras that fell silent, among the next `part` of all (1 is all). In parts, because cameras tend to
   * fall silent together, and clients are then told of all of them at once.
   */
  sweep(part?: number): void;
  get(cameraId: string): CameraStatus | undefined;
  all(): CameraStatus[];
  /** What is known when a camera has not been told to this board yet (another process made it just now). */
  ofNew(camera: CameraConfig): CameraStatus;
  /** Something else that counts may have changed: what was observed of a camera. */
  lookAgain(cameraId: string): void;
  subscribe(listener: (news: StatusNews) => void): () => void;
};

type Entry = { camera: CameraConfig; knownSinceMs: number; heard: Heard | undefined; told: CameraStatus };

/** @param observedOf what a cluster's operator says of a camera */
export function createStatusBoard(
  { clock, wallClock }: { clock: Pick<Clock, 'now'>; wallClock: WallClock },
  observedOf: (cameraId: string) => CameraResourceStatus | undefined = () => undefined,
): StatusBoard {
  const entries = new Map<string, Entry>();
  /** When cameras were removed, by the wall clock: what was sent before that must not speak for a new camera of the same name. */
  const removals = new LRUCache<string, number>({ max: removalsRememberedMax });
  const listeners = new Set<(news: StatusNews) => void>();

  let sweeping = entries.values();

  const times = () => ({ nowMs: clock.now(), epochMs: wallClock.epochMs() });
  const tell = (news: StatusNews): void => listeners.forEach((listener) => listener(news));
  const statusOf = (entry: Entry): CameraStatus =>
    withObserved(
      effectiveStatus(entry.camera, entry.knownSinceMs, entry.heard, times()),
      observedOf(entry.camera.id),
    );

  const retell = (entry: Entry, otherwise: 'heartbeat' | 'nothing'): void => {
    const status = statusOf(entry);
    const isChange = isStatusChange(entry.told, status);
    entry.told = status;
    if (isChange) tell({ type: 'status', status });
    else if (otherwise === 'heartbeat') tell({ type: 'heartbeat', status });
  };

  return {
    hear: (status) => {
      const entry = entries.get(status.cameraId);
      if (!entry) return false;
      const removedAtMs = removals.peek(status.cameraId);
      if (removedAtMs !== undefined && Date.parse(status.lastHeartbeat) <= removedAtMs) return false;
      entry.heard = { status, receivedAtMs: clock.now() };
      retell(entry, 'heartbeat');
      return true;
    },
    changed: (change) => {
      if (change.type === 'removed') {
        if (!entries.delete(change.id)) return;
        removals.set(change.id, wallClock.epochMs());
        tell({ type: 'removed', cameraId: change.id });
        return;
      }
      const { camera } = change;
      const entry = entries.get(camera.id);
      if (entry) {
        // A camera switched on gets the whole waiting time again before its silence counts.
        if (camera.spec.enabled && !entry.camera.spec.enabled) entry.knownSinceMs = clock.now();
        entry.camera = camera;
        retell(entry, 'nothing');
        return;
      }
      const knownSinceMs = clock.now();
      const told = withObserved(
        effectiveStatus(camera, knownSinceMs, undefined, times()),
        observedOf(camera.id),
      );
      entries.set(camera.id, { camera, knownSinceMs, heard: undefined, told });
      tell({ type: 'status', status: told });
    },
    sweep: (part = 1) => {
      for (let left = Math.ceil(entries.size * part); left > 0; left--) {
        let next = sweeping.next();
        if (next.done) {
          sweeping = entries.values();
          next = sweeping.next();
        }
        if (!next.done) retell(next.value, 'nothing');
      }
    },
    get: (cameraId) => {
      const entry = entries.get(cameraId);
      return entry && statusOf(entry);
    },
    all: () => [...entries.values()].map(statusOf).sort((a, b) => (a.cameraId < b.cameraId ? -1 : 1)),
    ofNew: (camera) => effectiveStatus(camera, clock.now(), undefined, times()),
    lookAgain: (cameraId) => {
      const entry = entries.get(cameraId);
      if (entry) retell(entry, 'nothing');
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
