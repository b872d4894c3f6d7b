import type { ServerEvent } from '@camplane/contracts/events';
import type { WallClock } from '@camplane/runtime/clock';
import { WebSocket } from 'ws';

/** Why the server disconnected a client: label of a metric. */
export type DropReason = 'signed-out' | 'too-slow' | 'dead' | 'bad-messages' | 'too-many-messages';

/** An event without its time of sending. */
export type EventBody<E = ServerEvent> = E extends ServerEvent ? Omit<E, 'at'> : never;

/** The sending side of a WebSocket, which disconnects a client that reads too slowly. */
export type EventSocket = {
  send(event: EventBody, onSent?: () => void): void;
  drop(reason: DropReason, code: number, text: string): void;
  /** Disconnects the client if so. */
  isTooSlow(): boolean;
};

export function createEventSocket(
  socket: WebSocket,
  options: { backlogMaxBytes: number; wallClock: WallClock; onDropped: (reason: DropReason) => void },
): EventSocket {
  const drop = (reason: DropReason, code: number, text: string): void => {
    if (socket.readyState !== WebSocket.OPEN) return;
    options.onDropped(reason);
    socket.close(code, text);
    // A client that does not read does not read the close frame either.
    setTimeout(() => socket.terminate(), closeGraceMs).unref();
  };

  const isTooSlow = (): boolean => {
    if (socket.bufferedAmount <= options.backlogMaxBytes) return false;
    drop('too-slow', 1013, 'too slow');
    return true;
  };

  return {
    drop,
    isTooSlow,
    send: (event, onSent) => {
      if (socket.readyState !== WebSocket.OPEN || isTooSlow()) return;
      socket.send(
        JSON.stringify({ ...event, at: new Date(options.wallClock.epochMs()).toISOString() }),
        onSent,
      );
    },
  };
}

const closeGraceMs = 2000;
