import type { Camera } from '@camplane/contracts/camera-http';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { ServerEvent } from '@camplane/contracts/events';
import type { CameraIdentity } from '@camplane/contracts/rights';

/** Whether the page is up to date. Times are milliseconds since the epoch, by the browser's clock. */
export type Connection =
  { kind: 'connecting' } | { kind: 'live' } | { kind: 'lost'; reason: string; nextAttemptMs: number | null };

export type CamerasState = {
  /** Sorted by display name; null until the first load. */
  cameras: readonly Camera[] | null;
  statuses: ReadonlyMap<string, CameraStatus>;
  connection: Connection;
  /** The server's clock minus the browser's. */
  clockOffsetMs: number;
  /** The latest readings of `clockOffsetMs`. */
  clockReadingsMs: readonly number[];
  /** Cameras that this page is stopping or deleting: it sends them no further requests. */
  leaving: ReadonlySet<string>;
};

export type CamerasAction =
  | { type: 'loaded'; cameras: readonly Camera[]; statuses: readonly CameraStatus[] }
  | { type: 'event'; event: ServerEvent; nowMs: number }
  | { type: 'status'; status: CameraStatus }
  | { type: 'saved'; camera: Camera }
  | { type: 'leaving'; cameraId: string; leaving: boolean }
  | { type: 'removed'; cameraId: string }
  | { type: 'connection'; connection: Connection };

export const initialCameras: CamerasState = {
  cameras: null,
  statuses: new Map(),
  connection: { kind: 'connecting' },
  clockOffsetMs: 0,
  clockReadingsMs: [],
  leaving: new Set(),
};

const clockReadingsMax = 8;

export function reduceCameras(state: CamerasState, action: CamerasAction): CamerasState {
  switch (action.type) {
    case 'loaded':
      return {
        ...state,
        cameras: sorted(action.cameras),
        statuses: new Map(action.statuses.map((status) => [status.cameraId, status])),
      };
    case 'event':
      return reduceEvent(state, action.event, action.nowMs);
    case 'status':
      return withStatus(state, action.status);
    case 'saved': {
      const others = (state.cameras ?? []).filter((camera) => camera.id !== action.camera.id);
      return { ...state, cameras: sorted([...others, action.camera]) };
    }
    case 'leaving': {
      const leaving = new Set(state.leaving);
      if (action.leaving) leaving.add(action.cameraId);
      else leaving.delete(action.cameraId);
      return { ...state, leaving };
    }
    case 'removed':
      return without(state, action.cameraId);
    case 'connection':
      return { ...state, connection: action.connection };
  }
}

/** Whether an event names a camera or generation that is not loaded yet. */
export function needsReload(state: CamerasState, event: ServerEvent): boolean {
  if (event.type !== 'stream:status' && event.type !== 'stream:heartbeat') return false;
  if (state.cameras === null) return false;
  if (!state.cameras.some((camera) => camera.id === event.cameraId)) return true;
  const before = state.statuses.get(event.cameraId);
  return before !== undefined && generationOf(before) < generationOf(event.status);
}

export function displayNameOf(camera: Pick<Camera, 'id' | 'displayName'>): string {
  return camera.displayName === '' ? camera.id : camera.displayName;
}

/** What decides who may do what to a camera. */
export function identityOf({ id, labels }: Pick<Camera, 'id' | 'labels'>): CameraIdentity {
  return { id, labels };
}

function reduceEvent(state: CamerasState, event: ServerEvent, nowMs: number): CamerasState {
  switch (event.type) {
    case 'stream:status':
    case 'stream:heartbeat':
      return withClock(withStatus(state, event.status), event, nowMs);
    case 'stream:removed':
      return withClock(without(state, event.cameraId), event, nowMs);
    case 'pong':
    case 'subscribed':
    case 'error':
      return withClock(state, event, nowMs);
    case 'detection':
      // Handled by the detection stream.
      return state;
  }
}

/** A reading is too small by the event's transit time, so the largest recent one is the most accurate. */
function withClock(state: CamerasState, { at }: ServerEvent, nowMs: number): CamerasState {
  const clockReadingsMs = [...state.clockReadingsMs, Date.parse(at) - nowMs].slice(-clockReadingsMax);
  return { ...state, clockReadingsMs, clockOffsetMs: Math.max(...clockReadingsMs) };
}

function withStatus(state: CamerasState, status: CameraStatus): CamerasState {
  return { ...state, statuses: new Map(state.statuses).set(status.cameraId, status) };
}

function without(state: CamerasState, cameraId: string): CamerasState {
  const statuses = new Map(state.statuses);
  statuses.delete(cameraId);
  const leaving = new Set(state.leaving);
  leaving.delete(cameraId);
  return {
    ...state,
    statuses,
    leaving,
    cameras: state.cameras?.filter((camera) => camera.id !== cameraId) ?? null,
  };
}

function generationOf(status: CameraStatus): number {
  return Math.max(0, ...status.conditions.map((condition) => condition.observedGeneration));
}

function sorted(cameras: readonly Camera[]): readonly Camera[] {
  return cameras.toSorted((a, b) =>
    displayNameOf(a).localeCompare(displayNameOf(b), undefined, { numeric: true, sensitivity: 'base' }),
  );
}
