import { clientEventSchema } from '@camplane/contracts/events';
import type { ClientEvent, ServerEvent } from '@camplane/contracts/events';
import { fieldsOf } from '@camplane/contracts/problem';
import { WebSocket } from 'ws';
import type { RawData } from 'ws';
import type { Clock, WallClock } from '@camplane/runtime/clock';
import type { StatusBoard } from '../status/status-board.ts';

const strikesMax = 3;
const messagesPerSecondMax = 20;

/** Why the server closed a connection: label of the dropped metric. */
export type DropReason = 'too-slow' | 'dead' | 'bad-messages' | 'too-many-messages';

/** An event before it is sent. */
export type EventBody<E = ServerEvent> = E extends ServerEvent ? Omit<E, 'at'> : never;

export type EventClient = {
  /** Sends, unless the client does not listen to this camera; drops the client when it is too slow. */
  tell(event: EventBody): void;
  /** Tells the present status of all cameras it listens to, no faster than they are read. */
  tellStatuses(): void;
  /** Once an interval: a client that did not answer the last ping is gone. */
  checkAlive(): void;
  close(code: number, reason: string): void;
};

/** One follower of the events: its filter, its strikes, and the bound on what waits for it. */
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
  let strikes = 0;
  let isAlive = true;
  let windowStartMs = options.clock.now();
  let inWindow = 0;
  /** Cameras whose present status is still to be told. */
  let due: string[] = [];

  const drop = (reason: DropReason, code: number, words: string): void => {
    if (socket.readyState !== WebSocket.OPEN) return;
    options.onDropped(reason);
    socket.close(code, words);
    // A client that does not read will not read the closing frame either.
    setTimeout(() => socket.terminate(), closeGraceMs).unref();
  };

  const isTooSlow = (): boolean => {
    if (socket.bufferedAmount <= options.backlogMaxBytes) return false;
    drop('too-slow', 1013, 'too slow');
    return true;
  };

  const send = (event: EventBody, onSent?: () => void): void => {
    if (socket.readyState !== WebSocket.OPEN || isTooSlow()) return;
    socket.send(
      JSON.stringify({ ...event, at: new Date(options.wallClock.epochMs()).toISOString() }),
      onSent,
    );
  };

  const listensTo = (cameraId: string): boolean => filter === null || filter.has(cameraId);

  /** Hundreds of statuses at once would fill the backlog of a client that is not slow at all. */
  const sendDue = (): void => {
    while (due.length > 0 && socket.readyState === WebSocket.OPEN) {
      const status = options.statuses.get(due.shift() ?? '');
      if (!status) continue;
      const isFull = socket.bufferedAmount > options.backlogMaxBytes / 2;
      const event = { type: 'stream:status', cameraId: status.cameraId, status } as const;
      if (isFull) return send(event, () => sendDue());
      send(event);
    }
  };

  const tellStatuses = (): void => {
    const isSending = due.length > 0;
    due = options.statuses.all().flatMap(({ cameraId }) => (listensTo(cameraId) ? [cameraId] : []));
    if (!isSending) sendDue();
  };

  const strike = (message: string): void => {
    strikes++;
    send({ type: 'error', code: 'invalid-message', message });
    if (strikes >= strikesMax) drop('bad-messages', 1008, 'three invalid messages');
  };

  const obey = (event: ClientEvent): void => {
    switch (event.type) {
      case 'ping':
        return send({ type: 'pong' });
      case 'subscribe':
        filter = event.cameraIds && new Set(event.cameraIds);
        send({ type: 'subscribed', cameraIds: event.cameraIds });
        return tellStatuses();
    }
  };

  /** Counts whatever the client sends; false if that is too much. */
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
    if (parsed.ok) obey(parsed.event);
    else strike(parsed.message);
  });
  return {
    tell: (event) => {
      if (!('cameraId' in event) || listensTo(event.cameraId)) send(event);
    },
    tellStatuses,
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
