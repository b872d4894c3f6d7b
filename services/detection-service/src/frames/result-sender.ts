import { setTimeout as sleep } from 'node:timers/promises';
import type { DetectionResult } from '@camplane/contracts/detection';

const retryDelaysMs = [100, 500, 2_000, 5_000];
/** Results of one camera that may wait; more are dropped. */
const waitingMax = 8;

/**
 * Publishes results of the AI service, whose frames the bus has already acknowledged: in order for each camera, with
 * retries.
 */
export function createResultSender(options: {
  publish(result: DetectionResult): Promise<void>;
  onLost(result: DetectionResult, error: unknown): void;
}) {
  const closing = new AbortController();
  const queues = new Map<string, DetectionResult[]>();
  const running = new Set<Promise<void>>();

  async function publishAll(cameraId: string, queue: DetectionResult[]): Promise<void> {
    for (let result = queue[0]; result !== undefined; result = queue[0]) {
      await publishOne(result);
      queue.shift();
    }
    queues.delete(cameraId);
  }

  async function publishOne(result: DetectionResult): Promise<void> {
    for (const delayMs of [...retryDelaysMs, null]) {
      const isLast = delayMs === null || closing.signal.aborted;
      try {
        return await options.publish(result);
      } catch (error) {
        if (isLast) return options.onLost(result, error);
        await sleep(delayMs, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
  }

  return {
    /** Returns at once. */
    send(result: DetectionResult): void {
      const waiting = queues.get(result.cameraId);
      if (waiting) {
        if (waiting.length < waitingMax) waiting.push(result);
        else options.onLost(result, new Error(`${waitingMax} results are waiting`));
        return;
      }
      const queue = [result];
      queues.set(result.cameraId, queue);
      const work = publishAll(result.cameraId, queue).finally(() => running.delete(work));
      running.add(work);
    },
    /** Retries each waiting result one last time. */
    async close(): Promise<void> {
      closing.abort();
      await Promise.all(running);
    },
  };
}
