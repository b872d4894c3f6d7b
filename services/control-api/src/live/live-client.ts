import { jpegCloseCodes } from '@camplane/contracts/jpeg-stream';
import type { JpegQuality } from '@camplane/contracts/jpeg-stream';
import { liveClientMessageSchema, watchedCamerasMax } from '@camplane/contracts/live-cameras';
import type { LiveClientMessage, LiveServerMessage } from '@camplane/contracts/live-cameras';
import { CamplaneError, errorKinds } from '@camplane/contracts/problem';
import type { Clock } from '@camplane/runtime/clock';
import { createMessageLimit } from '@camplane/service-kit/message-limit';
import { parseJsonMessage } from '@camplane/service-kit/parse-json-message';
import { WebSocket } from 'ws';
import type { RawData } from 'ws';
import { cameraNotFound } from '../cameras/camera-not-found.ts';
import { closeSocket } from '../jpeg/relay-sockets.ts';
import type { ViewingEnd } from '../jpeg/viewings.ts';
import type { LiveMetrics } from './live-metrics.ts';
import { createLiveSender } from './live-sender.ts';
import type { LiveStreams } from './live-streams.ts';
import { watchCamera } from './live-watch.ts';
import type { LiveWatch } from './live-watch.ts';

const invalidMessagesMax = 3;
/** A wall that changes its layout sends a message for each of its cameras. */
const messagesPerSecondMax = 200;
/** Pongs count too. No client reads this many pictures. */
const controlFramesPerSecondMax = 2000;
/** Maximum unsent data of a client. More than the pictures that the window allows. */
const backlogMaxBytes = 4 * 1024 * 1024;
/** A client that has read nothing for this time is disconnected. */
const stalledMaxMs = 30_000;
const retrySecondsDefault = 5;

/** A client that watches many cameras. */
export type LiveClient = {
  /** To be called at intervals: pings a client without pictures, disconnects one that does not answer. */
  checkAlive(): void;
};

/** What the client may view. */
export type LiveRights = {
  /** @throws CamplaneError `camera-not-found` */
  require(cameraId: string): void;
  /** Calls back once when the right to a camera ends. @returns what stops the watch */
  watch(cameraId: string, end: (reason: ViewingEnd) => void): () => void;
};

export function serveLiveClient(
  socket: WebSocket,
  rights: LiveRights,
  deps: { streams: Pick<LiveStreams, 'open'>; clock: Pick<Clock, 'now'>; metrics: LiveMetrics },
): LiveClient {
  const { clock } = deps;
  const watched = createWatchedCameras(socket, rights, deps);
  const messageLimit = createMessageLimit(messagesPerSecondMax);
  const controlLimit = createMessageLimit(controlFramesPerSecondMax);
  let invalidMessages = 0;
  let pingedMs: number | null = null;

  function apply(message: LiveClientMessage): void {
    switch (message.type) {
      case 'ping':
        return sendMessage(socket, { type: 'pong' });
      case 'watch':
        return watched.watch(message.cameraId, message.quality);
      case 'unwatch':
        return watched.unwatch(message.cameraId);
      case 'auth':
        return refuse('This connection is authenticated already');
    }
  }

  function refuse(message: string): void {
    const unwatched = { cameraId: null, isWatched: false, retryAfterSeconds: null };
    sendMessage(socket, { type: 'error', code: 'invalid-message', message, ...unwatched });
    if (++invalidMessages >= invalidMessagesMax) closeSocket(socket, 1008, 'three invalid messages');
  }

  const isWithin = (limit: typeof messageLimit): boolean => {
    if (limit.count(clock.now())) return true;
    closeSocket(socket, 1008, 'too many messages');
    return false;
  };

  socket.on('pong', (data) => {
    if (!isWithin(controlLimit)) return;
    pingedMs = null;
    watched.sender.received(Number(data.toString()));
  });
  socket.on('ping', (data) => {
    if (isWithin(messageLimit) && socket.readyState === WebSocket.OPEN && socket.bufferedAmount === 0)
      socket.pong(data);
  });
  socket.on('message', (data: RawData, isBinary) => {
    if (!isWithin(messageLimit)) return;
    const parsed = parseJsonMessage(liveClientMessageSchema, data, isBinary);
    if (parsed.ok) apply(parsed.message);
    else refuse(parsed.reason);
  });
  socket.on('close', watched.close);

  return {
    checkAlive() {
      const sinceMs = watched.sender.waitingSinceMs() ?? pingedMs;
      if (sinceMs !== null && clock.now() - sinceMs >= stalledMaxMs) return socket.terminate();
      if (sinceMs !== null || socket.readyState !== WebSocket.OPEN) return;
      pingedMs = clock.now();
      socket.ping('alive');
    },
  };
}

/** The cameras that a client watches, and the messages about them. */
function createWatchedCameras(
  socket: WebSocket,
  rights: LiveRights,
  deps: Parameters<typeof serveLiveClient>[2],
) {
  const watches = new Map<string, LiveWatch>();
  const sender = createLiveSender(socket, (id) => watches.get(id)?.picture() ?? null, deps);

  function unwatch(cameraId: string): void {
    watches.get(cameraId)?.close();
    watches.delete(cameraId);
    sender.forget(cameraId);
  }

  function sendError(cameraId: string, error: CamplaneError, isWatched = false): void {
    const { kind: code, message } = error;
    const retryAfterSeconds =
      error.retryAfterSeconds ?? (errorKinds[code].retryable ? retrySecondsDefault : null);
    sendMessage(socket, { type: 'error', cameraId, code, message, isWatched, retryAfterSeconds });
  }

  function start(cameraId: string, quality: JpegQuality): void {
    const watch = watchCamera(
      deps.streams,
      { cameraId, quality },
      {
        onPicture: () => sender.offer(cameraId),
        onInfo: (info) => sendMessage(socket, { ...info, cameraId }),
        onRefused: (error) => sendError(cameraId, error, true),
        onEnd(error) {
          unwatch(cameraId);
          sendError(cameraId, error);
        },
      },
    );
    const stopWatching = rights.watch(cameraId, (reason) => {
      if (reason === 'signed-out') return closeSocket(socket, jpegCloseCodes.unauthenticated, 'signed out');
      unwatch(cameraId);
      sendError(cameraId, cameraNotFound(cameraId));
    });
    watches.set(cameraId, {
      ...watch,
      close() {
        stopWatching();
        watch.close();
      },
    });
    watch.begin();
  }

  return {
    sender,
    unwatch,
    watch(cameraId: string, quality: JpegQuality): void {
      const existing = watches.get(cameraId);
      if (existing) return existing.change(quality);
      try {
        rights.require(cameraId);
      } catch (error) {
        if (!(error instanceof CamplaneError)) throw error;
        return sendError(cameraId, error);
      }
      if (watches.size < watchedCamerasMax) return start(cameraId, quality);
      const message = `A connection watches at most ${watchedCamerasMax} cameras: send unwatch for one of them`;
      const refusal = { code: 'too-many-watched', message, isWatched: false, retryAfterSeconds: null };
      sendMessage(socket, { type: 'error', cameraId, ...refusal });
    },
    close: () => [...watches.keys()].forEach(unwatch),
  };
}

function sendMessage(socket: WebSocket, message: LiveServerMessage): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  // The client sends without reading the answers.
  if (socket.bufferedAmount > backlogMaxBytes) return socket.terminate();
  socket.send(JSON.stringify(message));
}
