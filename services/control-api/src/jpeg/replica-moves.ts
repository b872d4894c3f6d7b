import type { WebSocket } from 'ws';
import type { StreamProxyReplicas } from './stream-proxy-replicas.ts';

/**
 * Ends connections to a replica that is no longer the best one for their camera, after replicas were added or removed.
 * The viewers of all control-apis then continue at the best one, and share its stream.
 */
export type ReplicaMoves = {
  /** @param socket open */
  follow(socket: WebSocket, stream: { cameraId: string; url: string }): void;
};

export const moveIntervalMs = 5000;

export function createReplicaMoves(replicas: StreamProxyReplicas): ReplicaMoves {
  const connections = new Map<WebSocket, { cameraId: string; url: string }>();
  let timer: NodeJS.Timeout | undefined;

  async function check(): Promise<void> {
    for (const cameraId of new Set([...connections.values()].map((each) => each.cameraId))) {
      const best = await reachableBest(cameraId).catch(() => null);
      for (const [socket, connection] of connections) {
        const isElsewhere = connection.cameraId === cameraId && connection.url !== best;
        if (best !== null && isElsewhere) socket.terminate();
      }
    }
  }

  async function reachableBest(cameraId: string): Promise<string | null> {
    const [best] = await replicas.ranked(cameraId);
    const isServedThere = [...connections.values()].every(
      (each) => each.cameraId !== cameraId || each.url === best,
    );
    if (isServedThere) return null;
    // If the best replica accepts no connection, viewers stay where they are.
    const { url, socket } = await replicas.connect(cameraId, AbortSignal.timeout(moveIntervalMs));
    socket.destroy();
    return url;
  }

  return {
    follow(socket, stream) {
      connections.set(socket, stream);
      timer ??= setInterval(() => void check(), moveIntervalMs).unref();
      socket.once('close', () => {
        connections.delete(socket);
        if (connections.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      });
    },
  };
}
