import { describe, expect, it } from '@jest/globals';
import type { DetectionPage, DetectionParameters } from '../api/detections.ts';
import { sampleEntry, sampleEvent, sampleStored } from '../boxes/sample-detection.ts';
import { createDetectionStream } from '../live/detection-stream.ts';
import { noFilter } from './detection-filter.ts';
import { createDetectionHistory } from './detection-history.ts';

type Asked = {
  parameters: DetectionParameters;
  signal: AbortSignal;
  answer: (page: DetectionPage) => void;
  refuse: (error: Error) => void;
};

/** A history whose API answers by hand, and whose clock is moved by hand. */
function trial() {
  const asked: Asked[] = [];
  const timers = new Map<() => void, number>();
  const stream = createDetectionStream();
  const history = createDetectionHistory({
    stream,
    pageSize: 2,
    list: (parameters, signal) =>
      new Promise((answer, refuse) => asked.push({ parameters, signal, answer, refuse })),
    later: (task, delayMs) => {
      timers.set(task, delayMs);
      return () => void timers.delete(task);
    },
  });
  return {
    asked,
    history,
    timers,
    tell: (track: number, capturedMs: number) =>
      stream.tell(sampleEvent(capturedMs, [sampleEntry(track)]), 0),
    /** Runs what is due in turn; gives the delays it had been set for. */
    async pass(): Promise<number[]> {
      const due = [...timers];
      timers.clear();
      for (const [task] of due) task();
      await settled();
      return due.map(([, delayMs]) => delayMs);
    },
    async answer(tracks: number[], nextCursor: string | null = null): Promise<void> {
      const call = asked.at(-1);
      call?.answer({ items: tracks.map((track) => sampleStored(track, track * 1000)), nextCursor });
      await settled();
    },
    tracks: () => history.current().entries.map(({ trackId }) => Number(trackId.slice(-12))),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the history of detections', () => {
  it('loads what was asked for, then more by the cursor', async () => {
    const { history, asked, answer, tracks } = trial();
    history.open({ ...noFilter, cameraId: 'door' });
    expect(asked[0]?.parameters).toEqual({
      cameraId: 'door',
      detector: ['person', 'http', 'onnx'],
      firstOfTrack: 'true',
      limit: '2',
    });
    expect(history.current().phase).toBe('loading');
    await answer([4, 3], 'next');
    history.loadMore();
    history.loadMore();
    expect(asked).toHaveLength(2);
    expect(asked[1]?.parameters).toMatchObject({ cursor: 'next', cameraId: 'door' });
    await answer([2]);
    expect(tracks()).toEqual([4, 3, 2]);
    history.loadMore();
    expect(asked).toHaveLength(2);
  });

  it('takes in what is heard together, and asks for the pictures a moment later', async () => {
    const { history, asked, answer, tracks, tell, pass } = trial();
    history.open(noFilter);
    history.follow();
    await answer([1]);
    let changes = 0;
    history.subscribe(() => (changes += 1));
    tell(2, 2000);
    tell(3, 3000);
    tell(2, 3500);
    expect(changes).toBe(0);
    expect(await pass()).toEqual([100]);
    expect(changes).toBe(1);
    expect(tracks()).toEqual([3, 2, 1]);
    expect(asked).toHaveLength(1);
    expect(await pass()).toEqual([700]);
    expect(asked).toHaveLength(2);
    await answer([3, 2]);
    expect(history.current().entries.every(({ imagePath }) => typeof imagePath === 'string')).toBe(true);
    expect(await pass()).toEqual([]);
  });

  it('asks for pictures three times at growing intervals, then does without', async () => {
    const { history, answer, tell, pass } = trial();
    history.open(noFilter);
    history.follow();
    await answer([1]);
    tell(2, 2000);
    await pass();
    for (const delayMs of [700, 2_000, 5_000]) {
      expect(await pass()).toEqual([delayMs]);
      await answer([1]);
      // Asked for by itself: nothing of it is stored.
      if (delayMs < 5_000) await answer([]);
    }
    expect(history.current().entries[0]?.imagePath).toBeNull();
    expect(await pass()).toEqual([]);
  });

  it('finds the picture of a track that began long before the list was opened', async () => {
    const { history, asked, answer, tell, pass } = trial();
    history.open(noFilter);
    history.follow();
    await answer([1]);
    tell(2, 2000);
    await pass();
    await pass();
    await answer([1], 'next');
    expect(asked.at(-1)?.parameters).toEqual({ trackId: sampleEntry(2).trackId, limit: '8' });
    const [bare, pictured] = [sampleStored(2, 1900, { imagePath: null }), sampleStored(2, 1400)];
    asked.at(-1)?.answer({ items: [bare, { ...pictured, id: sampleEntry(7).id }], nextCursor: null });
    await settled();
    expect(history.current().entries[0]).toMatchObject({
      id: sampleEntry(7).id,
      imagePath: pictured.imagePath,
      firstMs: Date.parse('2026-01-01T00:00:02Z'),
    });
    expect(await pass()).toEqual([]);
  });

  it('does not let a new track wait for the turn of an old one', async () => {
    const { history, answer, tell, pass, timers } = trial();
    history.open(noFilter);
    history.follow();
    await answer([1]);
    tell(2, 2000);
    await pass();
    await pass();
    await answer([1]);
    await answer([]);
    expect([...timers.values()]).toEqual([2_000]);
    tell(3, 3000);
    const take = [...timers].find(([, delayMs]) => delayMs === 100)?.[0];
    if (take) timers.delete(take);
    take?.();
    expect([...timers.values()]).toEqual([700]);
  });

  it('drops the answer to a choice that was changed meanwhile', async () => {
    const { history, asked, tracks, answer } = trial();
    history.open(noFilter);
    history.open({ ...noFilter, motion: true });
    expect(asked[0]?.signal.aborted).toBe(true);
    await answer([2]);
    asked[0]?.answer({ items: [sampleStored(1, 0)], nextCursor: null });
    await settled();
    expect(tracks()).toEqual([2]);
  });

  it('keeps the list while the same choice is opened again, and brings it up to date', async () => {
    const { history, tracks, answer, asked } = trial();
    history.open(noFilter);
    const stop = history.follow();
    await answer([1]);
    stop();
    history.open({ ...noFilter });
    expect(tracks()).toEqual([1]);
    expect(asked).toHaveLength(2);
    await answer([2, 1]);
    expect(tracks()).toEqual([2, 1]);
  });

  it('can load more again after it was left while it did', async () => {
    const { history, asked, answer } = trial();
    history.open(noFilter);
    const stop = history.follow();
    await answer([4, 3], 'next');
    history.loadMore();
    stop();
    expect(history.current()).toMatchObject({ loadingMore: false, moreError: null });
    history.loadMore();
    expect(asked).toHaveLength(3);
  });

  it('says why it failed, and tries again when asked', async () => {
    const { history, asked, answer, tracks } = trial();
    history.open(noFilter);
    asked[0]?.refuse(new Error('The server cannot be reached.'));
    await settled();
    expect(history.current()).toMatchObject({ phase: 'failed', error: 'The server cannot be reached.' });
    history.refresh();
    await answer([1]);
    expect(history.current()).toMatchObject({ phase: 'ready', error: null });
    expect(tracks()).toEqual([1]);
  });

  it('hears nothing after it is left', async () => {
    const { history, answer, tell, pass, tracks } = trial();
    history.open(noFilter);
    const stop = history.follow();
    await answer([1]);
    tell(2, 2000);
    stop();
    tell(3, 3000);
    expect(await pass()).toEqual([]);
    expect(tracks()).toEqual([1]);
  });
});
