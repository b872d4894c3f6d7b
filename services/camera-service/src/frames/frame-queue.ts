import type { Frame } from '@camplane/contracts/frame';

export type PublishFrame = (cameraId: string, frame: Frame) => Promise<void>;

/** Maximum frames of one camera that wait for the bus (R3.1). */
export const framesPendingMax = 5;

/**
 * The queue between a camera and the event bus. The camera never waits: one frame is in flight, a few wait, and the oldest
 * is dropped if the bus falls behind, because a current frame is worth more than a late one. A frame that the bus refuses is
 * dropped too; the bus logs the reason.
 */
export function createFrameQueue(options: {
  publish(frame: Frame): Promise<void>;
  onDropped(): void;
  pendingMax?: number;
}): { offer(frame: Frame): void; clear(): void } {
  const { pendingMax = framesPendingMax } = options;
  const waiting: Frame[] = [];
  let isSending = false;

  async function send(): Promise<void> {
    isSending = true;
    for (let frame = waiting.shift(); frame; frame = waiting.shift()) {
      try {
        await options.publish(frame);
      } catch {
        options.onDropped();
      }
    }
    isSending = false;
  }

  return {
    offer(frame) {
      waiting.push(frame);
      if (waiting.length > pendingMax) {
        waiting.shift();
        options.onDropped();
      }
      if (!isSending) void send();
    },
    clear() {
      waiting.length = 0;
    },
  };
}
