import { CamplaneError } from '@camplane/contracts/problem';
import type { StreamMetrics } from '../stream-metrics.ts';
import { retryAfterSeconds } from '../streams/stream-pool.ts';

/** Counts the clients of all streams. */
export type ClientSlots = {
  /**
   * @returns what ends the client; idempotent
   * @throws CamplaneError `stream-limit`
   */
  join(transport: 'websocket' | 'mjpeg'): () => void;
};

export function createClientSlots(clientsMax: number, metrics: StreamMetrics): ClientSlots {
  const clients = { websocket: 0, mjpeg: 0 };
  const count = (transport: keyof typeof clients, change: 1 | -1): void => {
    clients[transport] += change;
    metrics.clients.set({ transport }, clients[transport]);
  };
  return {
    join(transport) {
      if (clients.websocket + clients.mjpeg >= clientsMax) {
        throw new CamplaneError(
          'stream-limit',
          `The limit of ${clientsMax} JPEG clients is reached: close one, or raise STREAM_MAX_CLIENTS`,
          { retryAfterSeconds },
        );
      }
      count(transport, 1);
      let isIn = true;
      return () => {
        if (isIn) count(transport, -1);
        isIn = false;
      };
    },
  };
}
