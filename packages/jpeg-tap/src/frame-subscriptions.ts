import { createFrameLimiter } from './frame-limiter.ts';
import type { FrameLimiter } from './frame-limiter.ts';
import { mergeFrameRequests } from './frame-request.ts';
import type { FrameRequest, TapSettings } from './frame-request.ts';
import type { JpegFrame } from './jpeg-frame.ts';

/** The subscribers of one camera's frames: one tap serves them all. */
export type FrameSubscriptions = {
  /**
   * Delivers frames until the returned function is called: at most at the requested rate, though other subscribers may
   * request more. Frames may be larger and better than requested.
   */
  subscribe(request: FrameRequest, onFrame: (frame: JpegFrame) => void): () => void;
  /** What the tap has to deliver; null without subscribers. */
  tapSettings(): TapSettings | null;
  /** A frame of the tap. */
  deliver(frame: JpegFrame): void;
};

type Subscription = { request: FrameRequest; limiter: FrameLimiter; onFrame: (frame: JpegFrame) => void };

/** @param options.onChange called after each change of {@link FrameSubscriptions.tapSettings} */
export function createFrameSubscriptions(options: {
  fpsMax: number;
  onChange(settings: TapSettings | null): void;
}): FrameSubscriptions {
  const subscriptions = new Set<Subscription>();
  let settings: TapSettings | null = null;

  function update(): void {
    const requests = [...subscriptions].map(({ request }) => request);
    const next = mergeFrameRequests(requests, options.fpsMax);
    if (JSON.stringify(next) === JSON.stringify(settings)) return;
    settings = next;
    options.onChange(next);
  }

  return {
    subscribe(request, onFrame) {
      const subscription = { request, limiter: createFrameLimiter(request.fps), onFrame };
      subscriptions.add(subscription);
      update();
      return () => {
        if (subscriptions.delete(subscription)) update();
      };
    },
    tapSettings: () => settings,
    deliver(frame) {
      // A copy: a subscriber may unsubscribe when it has its frame.
      for (const { request, limiter, onFrame } of [...subscriptions]) {
        const isDue = limiter.isDue(frame.capturedAt);
        // If no one requests more, the tap has limited the rate, by timestamps without the jitter of the network.
        const isLimitedByTap = settings === null || settings.fps <= request.fps;
        if (isDue || isLimitedByTap) onFrame(frame);
      }
    },
  };
}
