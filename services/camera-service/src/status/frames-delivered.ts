import type { DetectionFrames } from './camera-facts.ts';
import type { StreamFacts } from './stream-facts.ts';
import { notLive } from './verdict.ts';
import type { Verdict } from './verdict.ts';

const waitMinMs = 10_000;
const intervals = 4;

/** Whether frames reach detection: at least one within a few intervals of the requested rate, or of the camera's. */
export function framesDelivered(main: StreamFacts, frames: DetectionFrames, nowMs: number): Verdict {
  const { run, video, reading, tapFailure } = main;
  if (run.phase !== 'running') return notLive(run.failure);
  const fps = Math.min(frames.requestedFps, video?.fps ?? Infinity);
  const waitMs = Math.max(waitMinMs, (intervals * 1000) / fps);
  const liveSinceMs = Math.max(run.runningSinceMs ?? nowMs, frames.requestedSinceMs);
  const { deliveredMs, refusedMs } = frames;
  if (deliveredMs !== null && nowMs - deliveredMs <= waitMs && deliveredMs >= (refusedMs ?? -Infinity)) {
    return { status: 'True', reason: 'Delivered', message: 'Frames reach detection.' };
  }
  if (refusedMs !== null && nowMs - refusedMs <= waitMs) {
    return {
      status: 'False',
      reason: 'EventBusUnavailable',
      message: 'The event bus accepts no frames. Check the broker; frames are dropped until it responds.',
    };
  }
  if (tapFailure) {
    const message = `No frame is taken of the video: ${tapFailure.message} It is retried automatically.`;
    return { status: 'False', reason: tapFailure.kind, message };
  }
  if (nowMs - liveSinceMs <= waitMs) {
    return { status: 'Unknown', reason: 'NotSeen', message: 'No frame has reached detection yet.' };
  }
  if (reading.problem) return { status: 'False', ...reading.problem };
  return {
    status: 'False',
    reason: 'NoFrames',
    message: 'Video arrives, but no frame reaches detection. A key-frame interval of 1 or 2 s helps.',
  };
}
