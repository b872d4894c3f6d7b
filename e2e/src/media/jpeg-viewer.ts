import { operationUrl } from '@camplane/api-client/operation-url';
import type { RawInput } from '@camplane/api-client/operation-url';
import { jpegServerMessageSchema } from '@camplane/contracts/jpeg-stream';
import type { JpegClientMessage, JpegServerMessage } from '@camplane/contracts/jpeg-stream';
import { waitUntil } from '@camplane/testkit/wait-until';
import { WebSocket } from 'ws';

type Refusal = { status: number; retryAfter: string | null; body: string };

/** A client of a camera's live JPEG over WebSocket. */
export type JpegViewer = {
  pictures: { jpeg: Buffer; atMs: number }[];
  messages: JpegServerMessage[];
  send(message: JpegClientMessage | string): void;
  /** Waits for a message that `accept` holds for, among those that were not taken yet. */
  take(accept: (message: JpegServerMessage) => boolean, what: string): Promise<JpegServerMessage>;
  /** Waits until `count` more pictures have arrived. */
  more(count: number): Promise<void>;
  /** Set once the server or the test has closed it. */
  ended(): { code: number; reason: string; atMs: number } | null;
  close(): void;
};

/** Connects. Returns the HTTP response if the upgrade is refused. */
export async function openJpegViewer(
  baseUrl: string,
  input: { id: string; query?: NonNullable<RawInput['query']> },
  headers: Record<string, string> = {},
): Promise<JpegViewer | Refusal> {
  const url = operationUrl(baseUrl, 'followJpeg', input).replace(/^http/, 'ws');
  const socket = new WebSocket(url, { headers });
  const pictures: JpegViewer['pictures'] = [];
  const messages: JpegServerMessage[] = [];
  let taken = 0;
  let ended: ReturnType<JpegViewer['ended']> = null;
  socket.on('message', (data, isBinary) => {
    if (isBinary) pictures.push({ jpeg: data as Buffer, atMs: performance.now() });
    else messages.push(jpegServerMessageSchema.parse(JSON.parse((data as Buffer).toString())));
  });
  socket.on('close', (code, reason) => {
    ended = { code, reason: reason.toString(), atMs: performance.now() };
  });
  const refusal = await new Promise<Refusal | null>((resolve, reject) => {
    socket.once('open', () => resolve(null));
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => {
        const retryAfter = response.headers['retry-after'] ?? null;
        resolve({ status: response.statusCode ?? 0, retryAfter, body });
      });
    });
  });
  if (refusal) return refusal;
  return {
    pictures,
    messages,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    take: (accept, what) =>
      waitUntil(
        () => {
          const found = messages.findIndex((message, index) => index >= taken && accept(message));
          if (found >= 0) taken = found + 1;
          return messages[found];
        },
        (message) => message !== undefined,
        { what, timeoutMs: 20_000 },
      ) as Promise<JpegServerMessage>,
    async more(count) {
      const expected = pictures.length + count;
      await waitUntil(
        () => pictures.length,
        (seen) => seen >= expected,
        { what: `${count} pictures`, timeoutMs: 20_000 },
      );
    },
    ended: () => ended,
    close: () => socket.close(),
  };
}
