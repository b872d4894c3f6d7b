import { setTimeout as sleep } from 'node:timers/promises';
import type { DetectionResult } from '@camplane/contracts/detection';

const retryDelaysMs = [100, 500, 2_000, 5_000];
/** Results of one camera that wait to be published; more are given up. */
const waitingMax = 8;

/**
 * Publishes results that no message of the bus stands behind, those of the AI service, whose frames were done before
 * it answered: of each camera one after another, a failed one again after a while.
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
      const queue = queues.get(result.cameraId);
      if (queue) {
        if (queue.length < waitingMax) queue.push(result);
        else options.onLost(result, new Error(`${waitingMax} results wait already`));
        return;
      }
      const begun = [result];
      queues.set(result.cameraId, begun);
      const work = publishAll(result.cameraId, begun).finally(() => running.delete(work));
      running.add(work);
    },
    /** What waits is tried once more. */
    async close(): Promise<void> {
      closing.abort();
      await Promise.all(running);
    },
  };
}
