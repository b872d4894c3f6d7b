import type { LiveConnection, LiveConnectionListener } from '@camplane/api-client/live-connection';
import type { LiveServerMessage } from '@camplane/contracts/live-cameras';
import { failureOfClose } from '../player/jpeg-socket.ts';
import type { PlayFailure } from '../player/play-failure.ts';
import type { PictureHandlers, PictureSource } from '../player/picture-source.ts';

/** Pictures of many cameras over one WebSocket. Browsers open only six HTTP connections to an origin. */
export type PictureFeed = {
  source: (cameraId: string) => PictureSource;
  close: () => void;
};

type Deps = {
  open: (listener: LiveConnectionListener) => LiveConnection;
  later: (task: () => void, delayMs: number) => () => void;
};

/** The connection outlives a change of page. */
const lingerMs = 5_000;

/** Connects for the first camera. If the connection ends, every camera's pictures end, and its player requests them again. */
export function createPictureFeed({ open, later }: Deps): PictureFeed {
  const watchers = new Map<string, Set<PictureHandlers>>();
  const accepted = new Set<string>();
  let connection: LiveConnection | null = null;
  let cancelClose: (() => void) | null = null;

  const of = (cameraId: string) => [...(watchers.get(cameraId) ?? [])];
  const end = (cameraId: string, failure: PlayFailure) => {
    const ended = of(cameraId);
    watchers.delete(cameraId);
    accepted.delete(cameraId);
    for (const handlers of ended) handlers.onEnded(failure);
  };
  const onMessage = (message: LiveServerMessage) => {
    if (message.type === 'pong' || message.cameraId === null) return;
    const { cameraId } = message;
    if (message.type === 'error') {
      if (message.isWatched) return;
      end(cameraId, failureOfError(message));
      return closeIfUnused();
    }
    for (const handlers of of(cameraId)) {
      if (!accepted.has(cameraId)) handlers.onOpen();
      handlers.onHeld(message.state === 'offline');
    }
    accepted.add(cameraId);
  };
  const connect = () => {
    const opened = open({
      onPicture(cameraId, jpeg) {
        const handlers = of(cameraId);
        if (handlers.length === 0) return;
        const picture = new Blob([jpeg], { type: 'image/jpeg' });
        for (const one of handlers) one.onPicture(picture);
      },
      onMessage,
      onClose({ code, reason }) {
        if (connection !== opened) return;
        const wasUsed = accepted.size > 0;
        connection = null;
        for (const cameraId of [...watchers.keys()]) end(cameraId, failureOfClose(code, reason, wasUsed));
      },
    });
    connection = opened;
  };
  const close = () => {
    const closed = connection;
    connection = null;
    closed?.close();
  };

  const closeIfUnused = () => {
    if (connection && watchers.size === 0) cancelClose ??= later(close, lingerMs);
  };

  const watch = (cameraId: string, handlers: PictureHandlers) => {
    cancelClose?.();
    cancelClose = null;
    if (!connection) connect();
    const before = watchers.get(cameraId);
    if (!before) connection?.watch(cameraId, 'low');
    else if (accepted.has(cameraId)) queueMicrotask(handlers.onOpen);
    watchers.set(cameraId, new Set([...(before ?? []), handlers]));
  };
  const unwatch = (cameraId: string, handlers: PictureHandlers) => {
    const left = watchers.get(cameraId);
    if (!left?.delete(handlers) || left.size > 0) return;
    watchers.delete(cameraId);
    accepted.delete(cameraId);
    connection?.unwatch(cameraId);
    closeIfUnused();
  };

  return {
    source: (cameraId) => (handlers) => {
      watch(cameraId, handlers);
      return () => unwatch(cameraId, handlers);
    },
    close() {
      cancelClose?.();
      close();
    },
  };
}

function failureOfError({ code, message }: LiveServerMessage & { type: 'error' }): PlayFailure {
  switch (code) {
    case 'camera-not-found':
      return { kind: 'refused', detail: '' };
    case 'stream-limit':
    case 'too-many-watched':
      return { kind: 'limit', detail: '' };
    default:
      return { kind: 'server', detail: message };
  }
}
