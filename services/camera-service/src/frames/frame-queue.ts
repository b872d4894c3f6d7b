import type { Frame } from '@camplane/contracts/frame';

export type PublishFrame = (cameraId: string, frame: Frame) => Promise<void>;

/** Frames of one camera that may wait for the bus (R3.1). */
export const framesPendingMax = 5;

/**
 * Between a camera and the event bus. The camera never waits: one frame is on its way, a few wait, and where the bus
 * falls behind the oldest is dropped, for a late frame is worth less than a current one. A frame that the bus
 * refuses or does not take in time is dropped as well; the bus says why.
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
