import type { WebSocket } from 'ws';
import type { StreamProxyReplicas } from './stream-proxy-replicas.ts';

/**
 * Ends connections to a replica that is not the best one of their camera any longer, because others came or went. Their
 * viewers continue at the best one, and so meet there, also those of other control-apis.
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
    // One that accepts no connection must not cost viewers the replica that serves them.
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
