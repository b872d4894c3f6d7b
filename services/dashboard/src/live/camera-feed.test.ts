import { describe, expect, it } from '@jest/globals';
import type { EventSocketHandlers } from './event-socket.ts';
import { createCameraFeed } from './camera-feed.ts';
import type { CameraFeedDeps } from './camera-feed.ts';
import { sampleEvent } from '../boxes/sample-detection.ts';
import { sampleCamera, sampleStatus } from './sample-camera.ts';

const noWait = { nowMs: () => 1_000, random: () => 0, onDetection: () => undefined };

/** Yields to the event loop until `condition` holds; the test's timeout ends it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

function eventsUntilAbort(handlers: EventSocketHandlers, signal: AbortSignal): Promise<void> {
  handlers.onOpen();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

describe('the camera feed', () => {
  it('is live once the cameras are loaded and the events connected', async () => {
    const stop = new AbortController();
    const feed = createCameraFeed({
      ...noWait,
      listCameras: async () => [sampleCamera('door')],
      listStatuses: async () => [sampleStatus('door')],
      runEvents: eventsUntilAbort,
    });
    const running = feed.run(stop.signal);
    await until(() => feed.current().connection.kind === 'live');
    expect(feed.current().cameras).toHaveLength(1);
    stop.abort();
    await running;
  });

  it('reports why the connection is lost and when it retries, and retries at once on request', async () => {
    const stop = new AbortController();
    let reachable = false;
    const feed = createCameraFeed({
      ...noWait,
      listCameras: async () => {
        if (!reachable) throw new Error('The server cannot be reached.');
        return [];
      },
      listStatuses: async () => [],
      runEvents: eventsUntilAbort,
    });
    const running = feed.run(stop.signal);
    await until(() => feed.current().connection.kind === 'lost');
    expect(feed.current().connection).toEqual({
      kind: 'lost',
      reason: 'The server cannot be reached.',
      nextAttemptMs: 1_500,
    });
    reachable = true;
    feed.retryNow();
    await until(() => feed.current().connection.kind === 'live');
    stop.abort();
    await running;
  });

  it('reloads when an event names an unknown camera', async () => {
    const stop = new AbortController();
    const cameras = [sampleCamera('door')];
    let send: EventSocketHandlers['onEvent'] | undefined;
    const runEvents: CameraFeedDeps['runEvents'] = (handlers, signal) => {
      send = handlers.onEvent;
      return eventsUntilAbort(handlers, signal);
    };
    const feed = createCameraFeed({
      ...noWait,
      listCameras: async () => [...cameras],
      listStatuses: async () => [],
      runEvents,
    });
    const running = feed.run(stop.signal);
    await until(() => send !== undefined);
    cameras.push(sampleCamera('yard'));
    send?.({
      type: 'stream:status',
      at: '2026-01-01T00:00:00.000Z',
      cameraId: 'yard',
      status: sampleStatus('yard'),
    });
    await until(() => feed.current().cameras?.length === 2);
    stop.abort();
    await running;
  });

  it('does not restore a camera that was deleted during a load', async () => {
    const stop = new AbortController();
    let send: EventSocketHandlers['onEvent'] | undefined;
    const answers: (() => void)[] = [];
    let loads = 0;
    const feed = createCameraFeed({
      ...noWait,
      listCameras: async () => {
        loads += 1;
        // Delays only the second load, which starts when the events connect.
        if (loads === 2) await new Promise<void>((resolve) => answers.push(resolve));
        return [sampleCamera('door'), sampleCamera('yard')];
      },
      listStatuses: async () => [],
      runEvents: (handlers, signal) => {
        send = handlers.onEvent;
        return eventsUntilAbort(handlers, signal);
      },
    });
    const running = feed.run(stop.signal);
    await until(() => answers.length === 1);
    send?.({ type: 'stream:removed', at: '2026-01-01T00:00:00.000Z', cameraId: 'door' });
    let seen = 0;
    feed.subscribe(() => (seen += 1));
    answers[0]?.();
    await until(() => seen > 0);
    expect(feed.current().cameras?.map(({ id }) => id)).toEqual(['yard']);
    stop.abort();
    await running;
  });

  it('notices what was deleted between the load and the event connection', async () => {
    const stop = new AbortController();
    const cameras = [sampleCamera('door'), sampleCamera('yard')];
    const feed = createCameraFeed({
      ...noWait,
      listCameras: async () => [...cameras],
      listStatuses: async () => [],
      runEvents: (handlers, signal) => {
        cameras.shift();
        return eventsUntilAbort(handlers, signal);
      },
    });
    const running = feed.run(stop.signal);
    await until(() => feed.current().cameras?.length === 1);
    stop.abort();
    await running;
  });

  it('passes detections on with the server’s time and without a state change', async () => {
    const stop = new AbortController();
    const received: number[] = [];
    let send: EventSocketHandlers['onEvent'] | undefined;
    const feed = createCameraFeed({
      ...noWait,
      onDetection: (_, receivedMs) => received.push(receivedMs),
      listCameras: async () => [sampleCamera('door')],
      listStatuses: async () => [],
      runEvents: (handlers, signal) => {
        send = handlers.onEvent;
        return eventsUntilAbort(handlers, signal);
      },
    });
    const running = feed.run(stop.signal);
    await until(() => feed.current().connection.kind === 'live');
    send?.({ type: 'pong', at: new Date(61_000).toISOString() });
    let changes = 0;
    feed.subscribe(() => (changes += 1));
    send?.(sampleEvent(0, []));
    expect(received).toEqual([61_000]);
    expect(changes).toBe(0);
    stop.abort();
    await running;
  });
});
