import { firstBudget, nextBudget } from './decoder-budget.ts';
import type { LiveSlots } from './live-slots.ts';

/** Measures how well the browser plays the tiles' videos, and limits the slots accordingly. */
export type DecoderLoad = {
  /** Measures a video until the returned function is called. */
  watch: (video: HTMLVideoElement) => () => void;
  stop: () => void;
};

const readEveryMs = 2_000;
/** Fewer frames between two readings are not significant. */
const framesMin = 20;

type Counts = { shown: number; dropped: number };

export function createDecoderLoad(slots: LiveSlots): DecoderLoad {
  const videos = new Map<HTMLVideoElement, Counts>();
  let budget = { ...firstBudget, limit: slots.limit() };
  let stopReading: (() => void) | null = null;

  const read = (elapsedMs: number, blockedMs: number) => {
    const frames = takeFrames(videos);
    // A hidden page shows no frames.
    if (document.hidden) return;
    const total = frames.shown + frames.dropped;
    budget = nextBudget(budget, {
      playing: videos.size,
      requested: slots.requested(),
      droppedShare: total >= framesMin ? frames.dropped / total : null,
      busyShare: Math.min(1, blockedMs / elapsedMs),
    });
    slots.setLimit(budget.limit);
  };
  const stop = () => {
    stopReading?.();
    stopReading = null;
  };

  return {
    watch(video) {
      videos.set(video, countsOf(video));
      stopReading ??= readRegularly(read);
      return () => {
        videos.delete(video);
        if (videos.size === 0) stop();
      };
    },
    stop,
  };
}

function readRegularly(read: (elapsedMs: number, blockedMs: number) => void): () => void {
  const blocked = watchBlockedTime();
  let readMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    read(nowMs - readMs, blocked.takeMs());
    readMs = nowMs;
  }, readEveryMs);
  return () => {
    clearInterval(timer);
    blocked.stop();
  };
}

/** The frames of all videos since the last call. */
function takeFrames(videos: Map<HTMLVideoElement, Counts>): Counts {
  const frames = { shown: 0, dropped: 0 };
  for (const [video, before] of videos) {
    const now = countsOf(video);
    videos.set(video, now);
    // Another stream counts from zero again.
    if (now.shown < before.shown || now.dropped < before.dropped) continue;
    frames.shown += now.shown - before.shown;
    frames.dropped += now.dropped - before.dropped;
  }
  return frames;
}

function countsOf(video: HTMLVideoElement): Counts {
  const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
  return { shown: totalVideoFrames - droppedVideoFrames, dropped: droppedVideoFrames };
}

const probeEveryMs = 100;

/** How long the page could not respond: tasks above 50 ms where the browser reports them, else the delay of a timer. */
function watchBlockedTime(): { takeMs: () => number; stop: () => void } {
  let blockedMs = 0;
  const takeMs = () => {
    const taken = blockedMs;
    blockedMs = 0;
    return taken;
  };
  if (PerformanceObserver.supportedEntryTypes.includes('longtask')) {
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) blockedMs += duration;
    });
    observer.observe({ entryTypes: ['longtask'] });
    return { takeMs, stop: () => observer.disconnect() };
  }
  let expectedMs = performance.now() + probeEveryMs;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    // Browsers delay the timers of a hidden page.
    if (!document.hidden) blockedMs += Math.max(0, nowMs - expectedMs);
    expectedMs = nowMs + probeEveryMs;
  }, probeEveryMs);
  return { takeMs, stop: () => clearInterval(timer) };
}
