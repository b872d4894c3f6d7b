import type { JpegQuality } from '@camplane/contracts/jpeg-stream';
import { liveServerMessageSchema, parseLivePicture } from '@camplane/contracts/live-cameras';
import type { LiveClientMessage, LiveServerMessage } from '@camplane/contracts/live-cameras';
import { liveUrl } from './operation-url.ts';

/** One connection for the live JPEG of many cameras. It does not reconnect. */
export type LiveConnection = {
  /** Watches a camera, or changes the quality of one that is watched. Sent once the connection is open. */
  watch(cameraId: string, quality: JpegQuality): void;
  unwatch(cameraId: string): void;
  close(): void;
};

export type LiveConnectionListener = {
  /** `jpeg` is the whole picture. The server sends pictures as fast as the client reads messages. */
  onPicture(cameraId: string, jpeg: Uint8Array<ArrayBuffer>): void;
  onMessage(message: LiveServerMessage): void;
  /** Also after a connection that failed. `code`: see `jpegCloseCodes`; 1006 without one from the server. */
  onClose(end: { code: number; reason: string }): void;
};

/**
 * @param connection.baseUrl an http or https origin
 * @param connection.token an API token; a browser that is signed in needs none
 */
export function openLiveConnection(
  connection: { baseUrl: string; token?: string },
  listener: LiveConnectionListener,
): LiveConnection {
  const socket = new WebSocket(liveUrl(connection.baseUrl));
  socket.binaryType = 'arraybuffer';
  const unsent: LiveClientMessage[] = [];
  if (connection.token !== undefined) unsent.push({ type: 'auth', token: connection.token });

  function send(message: LiveClientMessage): void {
    if (socket.readyState === WebSocket.CONNECTING) unsent.push(message);
    else if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }

  socket.addEventListener('open', () => unsent.splice(0).forEach(send));
  socket.addEventListener('message', ({ data }: { data: string | ArrayBuffer }) => {
    if (typeof data === 'string') {
      const message = liveServerMessageSchema.safeParse(JSON.parse(data));
      if (message.success) listener.onMessage(message.data);
      return;
    }
    const picture = parseLivePicture(new Uint8Array(data));
    if (picture) listener.onPicture(picture.cameraId, picture.jpeg);
  });
  socket.addEventListener('close', ({ code, reason }) => listener.onClose({ code, reason }));
  return {
    watch: (cameraId, quality) => send({ type: 'watch', cameraId, quality }),
    unwatch: (cameraId) => send({ type: 'unwatch', cameraId }),
    close: () => socket.close(),
  };
}
