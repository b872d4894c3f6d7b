import { setTimeout as delay } from 'node:timers/promises';
import type { CameraConfig } from '@camplane/contracts/camera';
import { raceAbort } from '@camplane/runtime/abort';
import type { Logger } from '@camplane/service-kit/logging';
import type { CameraFeed } from '../camera-feed.ts';

/** What is kept equal to a feed. */
export type FeedTarget = { ids(): string[]; apply(camera: CameraConfig): void; remove(id: string): void };

const resyncIntervalMs = 30_000;
/** Until a list could be read: no camera runs before the first one. */
const retryIntervalMs = 1000;
const listAttempts = 3;

/** Applies a feed's changes and lists to the target until the signal. */
export async function followFeed(
  { feed, target, log }: { feed: CameraFeed; target: FeedTarget; log: Logger },
  signal: AbortSignal,
): Promise<void> {
  let changes = 0;
  const unsubscribe = feed.subscribe((change) => {
    changes += 1;
    if (change.type === 'changed') target.apply(change.camera);
    else target.remove(change.id);
  });

  /** False if a change arrived during each attempt: such a list may be older than the change. */
  async function resync(): Promise<boolean> {
    for (let attempt = 0; attempt < listAttempts; attempt += 1) {
      const changesBefore = changes;
      const cameras = await raceAbort(feed.list(), signal);
      if (changes !== changesBefore) continue;
      const listed = new Set(cameras.map(({ id }) => id));
      for (const id of target.ids()) if (!listed.has(id)) target.remove(id);
      for (const camera of cameras) target.apply(camera);
      return true;
    }
    return false;
  }

  try {
    while (!signal.aborted) {
      const isCurrent = await resync().catch((error: unknown) => {
        if (!signal.aborted) log.warn({ err: error }, 'listing cameras failed, will retry');
        return false;
      });
      await delay(isCurrent ? resyncIntervalMs : retryIntervalMs, undefined, { signal }).catch(
        () => undefined,
      );
    }
  } finally {
    unsubscribe();
  }
}
