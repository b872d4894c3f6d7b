import type { Camera } from '@camplane/contracts/camera-http';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { ServerEvent } from '@camplane/contracts/events';
import { onAbort } from '@camplane/runtime/abort';
import { messageOf } from '../api/message-of.ts';
import { initialCameras, needsReload, reduceCameras } from './cameras-state.ts';
import type { CamerasAction, CamerasState } from './cameras-state.ts';
import type { DetectionListener } from './detection-stream.ts';
import type { EventSocketHandlers } from './event-socket.ts';
import { eventsReconnect, reconnectDelayMs } from './reconnect-policy.ts';

export type CameraFeedDeps = {
  listCameras: (signal: AbortSignal) => Promise<Camera[]>;
  listStatuses: (signal: AbortSignal) => Promise<CameraStatus[]>;
  onDetection: DetectionListener;
  runEvents: (handlers: EventSocketHandlers, signal: AbortSignal) => Promise<void>;
  nowMs: () => number;
  random: () => number;
};

/** The cameras and their status: loaded over HTTP, then updated over the WebSocket. */
export type CameraFeed = {
  subscribe: (listener: () => void) => () => void;
  current: () => CamerasState;
  dispatch: (action: CamerasAction) => void;
  /** Milliseconds since the epoch, by the server's clock. */
  serverNowMs: () => number;
  /** Skips the delay before the next attempt. */
  retryNow: () => void;
  /** Loads the cameras again, unless it is not running. */
  reload: () => void;
  /** Runs until `signal`; never throws. */
  run: (signal: AbortSignal) => Promise<void>;
};

export function createCameraFeed(deps: CameraFeedDeps): CameraFeed {
  const listeners = new Set<() => void>();
  let state = initialCameras;
  let failures = 0;
  let endPause: (() => void) | undefined;
  let running: AbortSignal | null = null;
  let reloading = false;
  /** Requested during a reload, whose response may be too old. */
  let reloadAgain = false;
  /** For each load in progress: the actions since its request. */
  const sinceLoads = new Set<CamerasAction[]>();

  const dispatch = (action: CamerasAction) => {
    const before = state;
    state = reduceCameras(state, action);
    if (state === before) return;
    for (const since of sinceLoads) since.push(action);
    notify();
  };

  const notify = () => {
    for (const listener of listeners) listener();
  };

  const load = async (signal: AbortSignal) => {
    const since: CamerasAction[] = [];
    sinceLoads.add(since);
    try {
      const [cameras, statuses] = await Promise.all([deps.listCameras(signal), deps.listStatuses(signal)]);
      if (signal.aborted) return;
      // The response may be older than these actions: a deleted camera must not reappear.
      state = [{ type: 'loaded', cameras, statuses } as const, ...since].reduce(reduceCameras, state);
      notify();
    } finally {
      sinceLoads.delete(since);
    }
  };

  const reload = async (signal: AbortSignal) => {
    reloadAgain = reloading;
    if (reloading) return;
    reloading = true;
    try {
      await load(signal);
    } catch {
      // The next event that does not match the list retries.
    } finally {
      reloading = false;
    }
    if (reloadAgain && !signal.aborted) await reload(signal);
  };

  const serverNowMs = () => deps.nowMs() + state.clockOffsetMs;

  const onEvent = (event: ServerEvent, signal: AbortSignal) => {
    if (event.type === 'detection') return deps.onDetection(event, serverNowMs());
    const outdated = needsReload(state, event);
    dispatch({ type: 'event', event, nowMs: deps.nowMs() });
    if (outdated) void reload(signal);
  };

  const runOnce = async (signal: AbortSignal) => {
    await load(signal);
    const onOpen = () => {
      failures = 0;
      dispatch({ type: 'connection', connection: { kind: 'live' } });
      // No event reports what was deleted between the load and the subscription.
      void reload(signal);
    };
    await deps.runEvents({ onOpen, onEvent: (event) => onEvent(event, signal) }, signal);
  };

  const pause = async (delayMs: number, signal: AbortSignal) => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const end = () => resolve(undefined);
    const timer = setTimeout(end, delayMs);
    endPause = end;
    const removeListener = onAbort(signal, end);
    await promise;
    clearTimeout(timer);
    removeListener();
    endPause = undefined;
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    current: () => state,
    dispatch,
    serverNowMs,
    retryNow: () => endPause?.(),
    reload() {
      if (running?.aborted === false) void reload(running);
    },
    async run(signal) {
      running = signal;
      while (!signal.aborted) {
        try {
          await runOnce(signal);
        } catch (error) {
          if (signal.aborted) return;
          failures += 1;
          const delayMs = reconnectDelayMs(eventsReconnect, failures, deps.random());
          const reason = messageOf(error);
          dispatch({
            type: 'connection',
            connection: { kind: 'lost', reason, nextAttemptMs: deps.nowMs() + delayMs },
          });
          await pause(delayMs, signal);
          if (!signal.aborted) {
            dispatch({ type: 'connection', connection: { kind: 'lost', reason, nextAttemptMs: null } });
          }
        }
      }
    },
  };
}
