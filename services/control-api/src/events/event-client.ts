import { clientEventSchema } from '@camplane/contracts/events';
import type { ClientEvent, ServerEvent } from '@camplane/contracts/events';
import { fieldsOf } from '@camplane/contracts/problem';
import { WebSocket } from 'ws';
import type { RawData } from 'ws';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import type { StatusBoard } from '../status/status-board.ts';

const invalidMessagesMax = 3;
const messagesPerSecondMax = 20;

/** Why the server disconnected a client: label of a metric. */
export type DropReason = 'too-slow' | 'dead' | 'bad-messages' | 'too-many-messages';

/** An event without its time of sending. */
export type EventBody<E = ServerEvent> = E extends ServerEvent ? Omit<E, 'at'> : never;

export type EventClient = {
  /** Sends an event if the client follows its camera. Disconnects the client if it is too slow. */
  send(event: EventBody): void;
  /** Sends the current status of all followed cameras, no faster than the client reads. */
  sendStatuses(): void;
  /** To be called at intervals: disconnects a client that did not answer the last ping. */
  checkAlive(): void;
  close(code: number, reason: string): void;
};

/** A client of the events WebSocket, with its filter and limits. */
export function createEventClient(
  socket: WebSocket,
  options: {
    cameraIds: string[] | null;
    backlogMaxBytes: number;
    clock: Pick<Clock, 'now'>;
    wallClock: WallClock;
    statuses: Pick<StatusBoard, 'all' | 'get'>;
    onDropped: (reason: DropReason) => void;
  },
): EventClient {
  let filter = options.cameraIds && new Set(options.cameraIds);
  let invalidMessages = 0;
  let isAlive = true;
  let windowStartMs = options.clock.now();
  let inWindow = 0;
  /** Cameras whose current status is still to send. */
  let due: string[] = [];

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

  const sendNow = (event: EventBody, onSent?: () => void): void => {
    if (socket.readyState !== WebSocket.OPEN || isTooSlow()) return;
    socket.send(
      JSON.stringify({ ...event, at: new Date(options.wallClock.epochMs()).toISOString() }),
      onSent,
    );
  };

  const isFollowing = (cameraId: string): boolean => filter === null || filter.has(cameraId);

  /** In steps: hundreds of statuses at once would exceed the backlog limit of a fast client. */
  const sendDue = (): void => {
    while (due.length > 0 && socket.readyState === WebSocket.OPEN) {
      const status = options.statuses.get(due.shift() ?? '');
      if (!status) continue;
      const isFull = socket.bufferedAmount > options.backlogMaxBytes / 2;
      const event = { type: 'stream:status', cameraId: status.cameraId, status } as const;
      if (isFull) return sendNow(event, () => sendDue());
      sendNow(event);
    }
  };

  const sendStatuses = (): void => {
    const isSending = due.length > 0;
    due = options.statuses.all().flatMap(({ cameraId }) => (isFollowing(cameraId) ? [cameraId] : []));
    if (!isSending) sendDue();
  };

  const refuse = (message: string): void => {
    invalidMessages++;
    sendNow({ type: 'error', code: 'invalid-message', message });
    if (invalidMessages >= invalidMessagesMax) drop('bad-messages', 1008, 'three invalid messages');
  };

  const apply = (event: ClientEvent): void => {
    switch (event.type) {
      case 'ping':
        return sendNow({ type: 'pong' });
      case 'subscribe':
        filter = event.cameraIds && new Set(event.cameraIds);
        sendNow({ type: 'subscribed', cameraIds: event.cameraIds });
        return sendStatuses();
    }
  };

  /** Counts messages, pings and pongs; false above the limit. */
  const isWithinRate = (): boolean => {
    isAlive = true;
    const nowMs = options.clock.now();
    if (nowMs - windowStartMs >= 1000) {
      windowStartMs = nowMs;
      inWindow = 0;
    }
    if (++inWindow <= messagesPerSecondMax) return true;
    drop('too-many-messages', 1008, 'too many messages');
    return false;
  };

  socket.on('pong', isWithinRate);
  socket.on('ping', (data) => {
    if (isWithinRate() && socket.readyState === WebSocket.OPEN && !isTooSlow()) socket.pong(data);
  });
  socket.on('message', (data, isBinary) => {
    if (!isWithinRate()) return;
    const parsed = parseMessage(data, isBinary);
    if (parsed.ok) apply(parsed.event);
    else refuse(parsed.message);
  });
  return {
    send: (event) => {
      if (!('cameraId' in event) || isFollowing(event.cameraId)) sendNow(event);
    },
    sendStatuses,
    checkAlive: () => {
      if (!isAlive) {
        if (socket.readyState === WebSocket.OPEN) options.onDropped('dead');
        return socket.terminate();
      }
      isAlive = false;
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    },
    close: (code, reason) => socket.close(code, reason),
  };
}

const closeGraceMs = 2000;

type Parsed = { ok: true; event: ClientEvent } | { ok: false; message: string };

function parseMessage(data: RawData, isBinary: boolean): Parsed {
  if (isBinary) return { ok: false, message: 'messages are JSON text, not binary' };
  let json: unknown;
  try {
    json = JSON.parse((data as Buffer).toString('utf8'));
  } catch {
    return { ok: false, message: 'the message is not JSON' };
  }
  const parsed = clientEventSchema.safeParse(json);
  if (parsed.success) return { ok: true, event: parsed.data };
  const fields = fieldsOf(parsed.error).slice(0, 5);
  const named = fields.map(({ path, message }) => `${path.slice(0, 100)}: ${message}`);
  return { ok: false, message: named.join('; ').replace('(body)', '(message)') };
}
