import { jpegCloseCodes, jpegServerMessageSchema } from '@camplane/contracts/jpeg-stream';
import type { JpegServerMessage } from '@camplane/contracts/jpeg-stream';
import type { PlayFailure } from './play-failure.ts';
import type { PictureSource } from './picture-source.ts';

/** The live JPEG of one camera (`followJpeg`): one WebSocket for each player. */
export function jpegSocketSource(url: string): PictureSource {
  return ({ onOpen, onPicture, onHeld, onEnded }) => {
    const socket = new WebSocket(url);
    let opened = false;
    let refusal: PlayFailure | null = null;
    socket.onopen = () => {
      opened = true;
      onOpen();
    };
    socket.onmessage = ({ data }) => {
      if (data instanceof Blob) return onPicture(data);
      const message = parseMessage(data);
      if (message?.type === 'info') onHeld(message.state === 'offline');
      if (message?.type === 'error') refusal = { kind: 'server', detail: message.message };
    };
    socket.onclose = ({ code, reason }) => {
      onEnded(refusal ?? failureOfClose(code, reason, opened));
    };
    return () => {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    };
  };
}

/** What the end of a WebSocket with pictures means. `opened`: the server had accepted the connection. */
export function failureOfClose(code: number, reason: string, opened: boolean): PlayFailure {
  if (code === jpegCloseCodes.unauthenticated) return { kind: 'refused', detail: '' };
  if (code === jpegCloseCodes.notFound) return { kind: 'refused', detail: '' };
  if (code === jpegCloseCodes.limit) return { kind: 'limit', detail: '' };
  // Browsers do not reveal the status with which a WebSocket was refused.
  return opened ? { kind: 'closed', detail: reason } : { kind: 'unreachable', detail: '' };
}

/** Ignores unknown messages, which a newer server may send. */
function parseMessage(data: unknown): JpegServerMessage | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    return jpegServerMessageSchema.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}
