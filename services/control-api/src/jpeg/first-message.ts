import { jpegAuthMessageSchema, jpegCloseCodes } from '@camplane/contracts/jpeg-stream';
import { CamplaneError } from '@camplane/contracts/problem';
import { parseJsonMessage } from '@camplane/service-kit/parse-json-message';
import type { RawData, WebSocket } from 'ws';
import type { Principal } from '../access/principal.ts';
import { closeSocket } from './relay-sockets.ts';

const authMaxMs = 10_000;
/** Connections that have not authenticated yet. */
const pendingMax = 100;

/** Authenticates viewers by the first message of their WebSocket. */
export type FirstMessages = {
  /** @throws CamplaneError `too-many-requests` if too many connections wait for their message */
  requireRoom(): void;
  /**
   * Waits for the first message. Later messages are held until `resume`, when the caller has added its listeners.
   *
   * @throws CamplaneError `unauthenticated`
   */
  principalOf(
    viewer: WebSocket,
    ofToken: (token: string) => Principal,
  ): Promise<{ principal: Principal; resume(): void }>;
};

export function createFirstMessages(): FirstMessages {
  let pending = 0;
  return {
    requireRoom() {
      if (pending < pendingMax) return;
      throw new CamplaneError(
        'too-many-requests',
        'Too many connections wait for their first message: send a credential with the handshake',
      );
    },
    async principalOf(viewer, ofToken) {
      pending++;
      try {
        const { message, resume } = await firstMessage(viewer);
        return { principal: ofToken(tokenOf(...message)), resume };
      } finally {
        pending--;
      }
    },
  };
}

type Message = [data: RawData, isBinary: boolean];

function firstMessage(viewer: WebSocket): Promise<{ message: Message; resume(): void }> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new CamplaneError('unauthenticated', `no auth message within ${authMaxMs / 1000} s`)),
      authMaxMs,
    );
    viewer.once('message', (...message: Message) => {
      clearTimeout(late);
      viewer.pause();
      // Messages that arrived in the same packet are delivered although the connection is paused.
      const held: Message[] = [];
      const hold = (...next: Message): void => void held.push(next);
      viewer.on('message', hold);
      const resume = (): void => {
        viewer.off('message', hold);
        for (const next of held) viewer.emit('message', ...next);
        viewer.resume();
      };
      resolve({ message, resume });
    });
    viewer.once('close', () => {
      clearTimeout(late);
      reject(new CamplaneError('unauthenticated', 'the connection was closed'));
    });
  });
}

/** @throws CamplaneError `unauthenticated` with what is wrong */
function tokenOf(data: RawData, isBinary: boolean): string {
  const parsed = parseJsonMessage(jpegAuthMessageSchema, data, isBinary);
  if (parsed.ok) return parsed.message.token;
  throw new CamplaneError(
    'unauthenticated',
    `The first message must be {"type":"auth","token":"…"}. ${parsed.reason}`,
  );
}

/** Says why in an `error` message, because the reason of a close is 123 bytes at most, and closes. */
export function refuseViewer(viewer: WebSocket, error: unknown): void {
  const known = error instanceof CamplaneError ? error : new CamplaneError('internal', 'Internal error');
  viewer.resume();
  if (viewer.readyState !== viewer.OPEN) return;
  viewer.send(JSON.stringify({ type: 'error', code: known.kind, message: known.message }));
  closeSocket(viewer, closeCodes[known.kind] ?? 1013, known.kind);
}

const closeCodes: Readonly<Record<string, number>> = {
  unauthenticated: jpegCloseCodes.unauthenticated,
  forbidden: jpegCloseCodes.unauthenticated,
  'camera-not-found': jpegCloseCodes.notFound,
  'stream-limit': jpegCloseCodes.limit,
  internal: 1011,
};
