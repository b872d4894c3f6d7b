import { CamplaneError } from '@camplane/contracts/problem';
import { onAbort } from '@camplane/runtime/abort';
import type { Clock } from '@camplane/runtime/clock';
import { messageOf } from '@camplane/runtime/message-of';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { rankReplicas } from './rank-replicas.ts';

/** The replicas of stream-proxy: every address of its host name, such as the pods of a headless Service. */
export type StreamProxyReplicas = {
  /** Addresses for a camera, the best first. @throws CamplaneError `service-unavailable` */
  ranked(cameraId: string): Promise<string[]>;
  /**
   * Connects to the best replica for a camera that accepts a connection, so that the viewers of a camera share one.
   *
   * @throws CamplaneError `service-unavailable` if none does
   */
  connect(cameraId: string, signal: AbortSignal): Promise<ReplicaConnection>;
};

export type ReplicaConnection = { url: string; socket: Socket };

/** DNS servers of a cluster cache for 5 to 30 s. */
const resolveAgainAfterMs = 2000;
/** An address without a pod does not respond. */
const connectMaxMs = 1000;
/** A replica that accepted no connection is ranked last for this time. */
const avoidMs = 5000;

/** @param deps.resolve the URL with each address of its host name */
export function createStreamProxyReplicas(
  url: string,
  deps: { resolve(url: string): Promise<string[]>; clock: Pick<Clock, 'now'> },
): StreamProxyReplicas {
  const { resolve, clock } = deps;
  let known: { urls: Promise<string[]>; sinceMs: number } | null = null;
  const failedMs = new Map<string, number>();

  function resolved(): Promise<string[]> {
    if (known && clock.now() - known.sinceMs < resolveAgainAfterMs) return known.urls;
    const previous = known?.urls;
    // While DNS fails, the previous addresses may still be valid.
    const urls = resolve(url).catch((error: unknown) => previous ?? Promise.reject(error as Error));
    known = { urls, sinceMs: clock.now() };
    return urls;
  }

  function isAvoided(replica: string): boolean {
    return clock.now() - (failedMs.get(replica) ?? -Infinity) < avoidMs;
  }

  async function ranked(cameraId: string): Promise<string[]> {
    const urls = await resolved().catch((error: unknown) => {
      throw unavailable(messageOf(error), error);
    });
    for (const failed of failedMs.keys()) if (!urls.includes(failed)) failedMs.delete(failed);
    const all = rankReplicas(cameraId, urls);
    return [...all.filter((each) => !isAvoided(each)), ...all.filter(isAvoided)];
  }

  return {
    ranked,
    async connect(cameraId, signal) {
      let failure: unknown = new Error('no replica is ready');
      for (const replica of await ranked(cameraId)) {
        try {
          const socket = await open(replica, signal);
          failedMs.delete(replica);
          return { url: replica, socket };
        } catch (error) {
          if (signal.aborted) throw unavailable('the viewer has disconnected', error);
          failedMs.set(replica, clock.now());
          failure = error;
        }
      }
      throw unavailable(messageOf(failure), failure);
    },
  };
}

export function unavailable(reason: string, cause?: unknown): CamplaneError {
  return new CamplaneError(
    'service-unavailable',
    `stream-proxy is unavailable: ${reason}`,
    cause === undefined ? {} : { cause },
  );
}

function open(replica: string, signal: AbortSignal): Promise<Socket> {
  const { hostname, port } = new URL(replica);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) });
    const removeListener = onAbort(signal, () => socket.destroy(new Error('aborted')));
    socket.setTimeout(connectMaxMs, () =>
      socket.destroy(new Error(`no connection within ${connectMaxMs} ms`)),
    );
    socket.once('error', (error) => {
      removeListener();
      reject(error);
    });
    socket.once('connect', () => {
      removeListener();
      socket.setTimeout(0);
      socket.removeAllListeners('error');
      socket.removeAllListeners('timeout');
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}
