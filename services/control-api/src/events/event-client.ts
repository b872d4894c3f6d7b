import { clientEventSchema } from '@camplane/contracts/events';
import type { ClientEvent } from '@camplane/contracts/events';
import { WebSocket } from 'ws';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import { createMessageLimit } from '@camplane/service-kit/message-limit';
import { parseJsonMessage } from '@camplane/service-kit/parse-json-message';
import type { StatusBoard } from '../status/status-board.ts';
import type { EventRights } from './event-rights.ts';
import { createEventSocket } from './event-socket.ts';
import type { DropReason, EventBody } from './event-socket.ts';

const invalidMessagesMax = 3;
const messagesPerSecondMax = 20;

export type EventClient = {
  /** Sends an event if the client follows and may see its camera. Disconnects the client if it is too slow. */
  send(event: EventBody): void;
  /** Sends the current status of all followed cameras, no faster than the client reads. */
  sendStatuses(): void;
  /** Follows changed rights, or labels of cameras. Disconnects the client if its session or token has ended. */
  rightsChanged(): void;
  /** To be called at intervals: sessions and tokens also end by time. */
  checkCredential(): void;
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
    rights: EventRights;
    statuses: Pick<StatusBoard, 'all' | 'get'>;
    onDropped: (reason: DropReason) => void;
  },
): EventClient {
  let filter = options.cameraIds && new Set(options.cameraIds);
  let invalidMessages = 0;
  let isAlive = true;
  const messageLimit = createMessageLimit(messagesPerSecondMax);
  /** Cameras whose current status is still to send. */
  let due: string[] = [];

  const sending = createEventSocket(socket, options);
  const { drop, send: sendNow } = sending;
  const { rights } = options;
  const isFollowing = (cameraId: string): boolean => filter === null || filter.has(cameraId);

  /** In steps: hundreds of statuses at once would exceed the backlog limit of a fast client. */
  const sendDue = (): void => {
    while (due.length > 0 && socket.readyState === WebSocket.OPEN) {
      const status = options.statuses.get(due.shift() ?? '');
      if (!status) continue;
      const isFull = socket.bufferedAmount > options.backlogMaxBytes / 2;
      const event = { type: 'stream:status', cameraId: status.cameraId, status } as const;
      if (!rights.allows(event)) continue;
      if (isFull) return sendNow(event, () => sendDue());
      sendNow(event);
    }
  };

  const sendStatuses = (): void => {
    const isSending = due.length > 0;
    due = options.statuses
      .all()
      .flatMap(({ cameraId }) => (isFollowing(cameraId) && rights.mayView(cameraId) ? [cameraId] : []));
    if (!isSending) sendDue();
  };

  const checkCredential = (): boolean => {
    if (rights.isValid()) return true;
    drop('signed-out', signedOutCode, 'the session or token has ended: sign in again');
    return false;
  };

  const followRights = (): void => {
    const { gained, lost } = rights.follow();
    for (const cameraId of lost.filter(isFollowing)) sendNow({ type: 'stream:removed', cameraId });
    const isSending = due.length > 0;
    due.push(...gained.filter(isFollowing));
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
    if (messageLimit.count(options.clock.now())) return true;
    drop('too-many-messages', 1008, 'too many messages');
    return false;
  };

  socket.on('pong', isWithinRate);
  socket.on('ping', (data) => {
    if (isWithinRate() && socket.readyState === WebSocket.OPEN && !sending.isTooSlow()) socket.pong(data);
  });
  socket.on('message', (data, isBinary) => {
    if (!isWithinRate()) return;
    const parsed = parseJsonMessage(clientEventSchema, data, isBinary);
    if (parsed.ok) apply(parsed.message);
    else refuse(parsed.reason);
  });
  return {
    send: (event) => {
      if (rights.allows(event) && (!('cameraId' in event) || isFollowing(event.cameraId))) sendNow(event);
    },
    sendStatuses,
    rightsChanged: () => {
      if (checkCredential()) followRights();
    },
    checkCredential: () => void checkCredential(),
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

/** In the range for applications (RFC 6455, section 7.4.2), after the status 401. */
const signedOutCode = 4401;
