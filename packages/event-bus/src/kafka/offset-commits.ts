import type { Consumer } from 'kafkajs';
import type { Consumption } from './consumption.ts';

/**
 * Commits the offsets of handled messages, one request at a time.
 *
 * @param consumer the consumer to commit with; undefined while there is no session, or before it has its position
 */
export function createOffsetCommits(
  topic: string,
  consumption: Consumption,
  consumer: () => Consumer | undefined,
): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();

  async function commitNow(): Promise<void> {
    const offsets = consumption.uncommitted();
    const current = consumer();
    if (offsets.length === 0 || !current) return;
    try {
      await current.commitOffsets(
        offsets.map(({ partition, offset }) => ({ topic, partition, offset: String(offset) })),
      );
      consumption.committed(offsets);
    } catch {
      // The session's own requests report a broken connection; the next call commits again.
    }
  }

  return () => (last = last.then(commitNow));
}
