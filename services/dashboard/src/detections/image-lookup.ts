import type { StoredDetection } from '@camplane/contracts/detection';
import type { Later } from './batch.ts';
import { fewestLookups, tracksToLookUp } from './detection-list.ts';
import type { ListState } from './detection-list.ts';

type Deps = {
  current: () => ListState;
  /** Requests the newest page; never throws. */
  refresh: () => Promise<void>;
  /** A detection of the track, if possible one with an image. */
  findTrack: (trackId: string, signal: AbortSignal) => Promise<StoredDetection | undefined>;
  onFound: (item: StoredDetection) => void;
  later: Later;
};

export type ImageLookup = {
  /** Schedules a lookup if entries lack an image. A new entry brings a later lookup forward. */
  schedule: (signal: AbortSignal) => void;
  cancel: () => void;
};

/** The store writes shortly after the event arrives. */
const delaysMs = [700, 2_000, 5_000] as const;
const tracksMax = 6;

/** Looks up the images of new entries: in the newest page, then track by track. */
export function createImageLookup({ current, refresh, findTrack, onFound, later }: Deps): ImageLookup {
  let scheduled: { delayMs: number; cancel: () => void } | undefined;

  /** A track that began before the newest page is not on it. */
  const lookUpTracks = async (signal: AbortSignal) => {
    for (const trackId of tracksToLookUp(current()).slice(0, tracksMax)) {
      if (signal.aborted) return;
      try {
        const item = await findTrack(trackId, signal);
        if (item && !signal.aborted) onFound(item);
      } catch {
        // The next lookup retries it.
      }
    }
  };

  const schedule = (signal: AbortSignal) => {
    const lookups = fewestLookups(current());
    const delayMs = lookups === null ? undefined : delaysMs[lookups];
    if (delayMs === undefined || (scheduled && scheduled.delayMs <= delayMs)) return;
    scheduled?.cancel();
    const run = async () => {
      scheduled = undefined;
      await refresh();
      await lookUpTracks(signal);
      if (!signal.aborted) schedule(signal);
    };
    scheduled = { delayMs, cancel: later(() => void run(), delayMs) };
  };

  return {
    schedule,
    cancel() {
      scheduled?.cancel();
      scheduled = undefined;
    },
  };
}
