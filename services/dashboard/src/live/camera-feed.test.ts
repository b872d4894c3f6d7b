import { describe, expect, it } from '@jest/globals';
import type { EventSocketHandlers } from './event-socket.ts';
import { createCameraFeed } from './camera-feed.ts';
import type { CameraFeedDeps } from './camera-feed.ts';
import { sampleEvent } from '../boxes/sample-detection.ts';
import { sampleCamera, sampleStatus } from './sample-camera.ts';

const noWait = { nowMs: () => 1_000, random: () => 0, onDetection: () => undefined };

/** Waits, a turn of the event loop at a time, until `condition` holds; the test's own limit ends it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

function eventsUntilAbort(handlers: EventSocketHandlers, signal: AbortSignal): Promise<void> {
  handlers.onOpen();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

describe('the camera feed', () => {
  it('is live once the list is loaded and the events are open', async () => {
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

  it('says why it is lost and when it tries again, and tries at once when asked', async () => {
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

  it('loads the list again when an event names a camera that is not in it', async () => {
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

  it('does not bring back a camera that was deleted while the list was on its way', async () => {
    const stop = new AbortController();
    let send: EventSocketHandlers['onEvent'] | undefined;
    const answers: (() => void)[] = [];
    let loads = 0;
    const feed = createCameraFeed({
      ...noWait,
      listCameras: async () => {
        loads += 1;
        // The first load comes before the events, the second when they open: only that one is held back.
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

  it('notices what was deleted between the load and the opening of the events', async () => {
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

  it('hands detections on with the time by the server’s clock, and changes nothing for them', async () => {
    const stop = new AbortController();
    const heard: number[] = [];
    let send: EventSocketHandlers['onEvent'] | undefined;
    const feed = createCameraFeed({
      ...noWait,
      onDetection: (_, heardMs) => heard.push(heardMs),
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
    expect(heard).toEqual([61_000]);
    expect(changes).toBe(0);
    stop.abort();
    await running;
  });
});
