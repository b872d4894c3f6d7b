import { describe, expect, it } from '@jest/globals';
import type { DetectionPage, DetectionParameters } from '../api/detections.ts';
import { sampleEntry, sampleEvent, sampleStored } from '../boxes/sample-detection.ts';
import { createDetectionStream } from '../live/detection-stream.ts';
import { noFilter } from './detection-filter.ts';
import { createDetectionHistory } from './detection-history.ts';

type ApiCall = {
  parameters: DetectionParameters;
  signal: AbortSignal;
  answer: (page: DetectionPage) => void;
  fail: (error: Error) => void;
};

/** A history with a simulated API and clock. */
function createTestHistory() {
  const calls: ApiCall[] = [];
  const timers = new Map<() => void, number>();
  const stream = createDetectionStream();
  const history = createDetectionHistory({
    stream,
    pageSize: 2,
    list: (parameters, signal) =>
      new Promise((answer, fail) => calls.push({ parameters, signal, answer, fail })),
    later: (task, delayMs) => {
      timers.set(task, delayMs);
      return () => void timers.delete(task);
    },
  });
  return {
    calls,
    history,
    timers,
    publish: (track: number, capturedMs: number) =>
      stream.publish(sampleEvent(capturedMs, [sampleEntry(track)]), 0),
    /** Runs all pending timers; returns their delays. */
    async runTimers(): Promise<number[]> {
      const due = [...timers];
      timers.clear();
      for (const [task] of due) task();
      await settled();
      return due.map(([, delayMs]) => delayMs);
    },
    async answer(tracks: number[], nextCursor: string | null = null): Promise<void> {
      const call = calls.at(-1);
      call?.answer({ items: tracks.map((track) => sampleStored(track, track * 1000)), nextCursor });
      await settled();
    },
    tracks: () => history.current().entries.map(({ trackId }) => Number(trackId.slice(-12))),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the detection history', () => {
  it('loads the first page, then more by the cursor', async () => {
    const { history, calls, answer, tracks } = createTestHistory();
    history.open({ ...noFilter, cameraId: 'door' });
    expect(calls[0]?.parameters).toEqual({
      cameraId: 'door',
      detector: ['person', 'http', 'onnx'],
      firstOfTrack: 'true',
      limit: '2',
    });
    expect(history.current().phase).toBe('loading');
    await answer([4, 3], 'next');
    history.loadMore();
    history.loadMore();
    expect(calls).toHaveLength(2);
    expect(calls[1]?.parameters).toMatchObject({ cursor: 'next', cameraId: 'door' });
    await answer([2]);
    expect(tracks()).toEqual([4, 3, 2]);
    history.loadMore();
    expect(calls).toHaveLength(2);
  });

  it('adds events in batches and looks up their images shortly after', async () => {
    const { history, calls, answer, tracks, publish, runTimers } = createTestHistory();
    history.open(noFilter);
    history.follow();
    await answer([1]);
    let changes = 0;
    history.subscribe(() => (changes += 1));
    publish(2, 2000);
    publish(3, 3000);
    publish(2, 3500);
    expect(changes).toBe(0);
    expect(await runTimers()).toEqual([100]);
    expect(changes).toBe(1);
    expect(tracks()).toEqual([3, 2, 1]);
    expect(calls).toHaveLength(1);
    expect(await runTimers()).toEqual([700]);
    expect(calls).toHaveLength(2);
    await answer([3, 2]);
    expect(history.current().entries.every(({ imagePath }) => typeof imagePath === 'string')).toBe(true);
    expect(await runTimers()).toEqual([]);
  });

  it('looks up an image three times with growing delays, then stops', async () => {
    const { history, answer, publish, runTimers } = createTestHistory();
    history.open(noFilter);
    history.follow();
    await answer([1]);
    publish(2, 2000);
    await runTimers();
    for (const delayMs of [700, 2_000, 5_000]) {
      expect(await runTimers()).toEqual([delayMs]);
      await answer([1]);
      // The lookup by track finds nothing.
      if (delayMs < 5_000) await answer([]);
    }
    expect(history.current().entries[0]?.imagePath).toBeNull();
    expect(await runTimers()).toEqual([]);
  });

  it('finds the image of a track that began long before the list was opened', async () => {
    const { history, calls, answer, publish, runTimers } = createTestHistory();
    history.open(noFilter);
    history.follow();
    await answer([1]);
    publish(2, 2000);
    await runTimers();
    await runTimers();
    await answer([1], 'next');
    expect(calls.at(-1)?.parameters).toEqual({ trackId: sampleEntry(2).trackId, limit: '8' });
    const [bare, pictured] = [sampleStored(2, 1900, { imagePath: null }), sampleStored(2, 1400)];
    calls.at(-1)?.answer({ items: [bare, { ...pictured, id: sampleEntry(7).id }], nextCursor: null });
    await settled();
    expect(history.current().entries[0]).toMatchObject({
      id: sampleEntry(7).id,
      imagePath: pictured.imagePath,
      firstMs: Date.parse('2026-01-01T00:00:02Z'),
    });
    expect(await runTimers()).toEqual([]);
  });

  it('does not delay a new track behind the retry of an old one', async () => {
    const { history, answer, publish, runTimers, timers } = createTestHistory();
    history.open(noFilter);
    history.follow();
    await answer([1]);
    publish(2, 2000);
    await runTimers();
    await runTimers();
    await answer([1]);
    await answer([]);
    expect([...timers.values()]).toEqual([2_000]);
    publish(3, 3000);
    const take = [...timers].find(([, delayMs]) => delayMs === 100)?.[0];
    if (take) timers.delete(take);
    take?.();
    expect([...timers.values()]).toEqual([700]);
  });

  it('ignores the response for a filter that has changed meanwhile', async () => {
    const { history, calls, tracks, answer } = createTestHistory();
    history.open(noFilter);
    history.open({ ...noFilter, motion: true });
    expect(calls[0]?.signal.aborted).toBe(true);
    await answer([2]);
    calls[0]?.answer({ items: [sampleStored(1, 0)], nextCursor: null });
    await settled();
    expect(tracks()).toEqual([2]);
  });

  it('keeps the list when the same filter is opened again, and refreshes it', async () => {
    const { history, tracks, answer, calls } = createTestHistory();
    history.open(noFilter);
    const stop = history.follow();
    await answer([1]);
    stop();
    history.open({ ...noFilter });
    expect(tracks()).toEqual([1]);
    expect(calls).toHaveLength(2);
    await answer([2, 1]);
    expect(tracks()).toEqual([2, 1]);
  });

  it('can load more after it was left during a load', async () => {
    const { history, calls, answer } = createTestHistory();
    history.open(noFilter);
    const stop = history.follow();
    await answer([4, 3], 'next');
    history.loadMore();
    stop();
    expect(history.current()).toMatchObject({ loadingMore: false, moreError: null });
    history.loadMore();
    expect(calls).toHaveLength(3);
  });

  it('reports an error and retries on request', async () => {
    const { history, calls, answer, tracks } = createTestHistory();
    history.open(noFilter);
    calls[0]?.fail(new Error('The server cannot be reached.'));
    await settled();
    expect(history.current()).toMatchObject({ phase: 'failed', error: 'The server cannot be reached.' });
    history.refresh();
    await answer([1]);
    expect(history.current()).toMatchObject({ phase: 'ready', error: null });
    expect(tracks()).toEqual([1]);
  });

  it('ignores events after it is left', async () => {
    const { history, answer, publish, runTimers, tracks } = createTestHistory();
    history.open(noFilter);
    const stop = history.follow();
    await answer([1]);
    publish(2, 2000);
    stop();
    publish(3, 3000);
    expect(await runTimers()).toEqual([]);
    expect(tracks()).toEqual([1]);
  });
});
