import type { JpegQuality } from '@camplane/contracts/jpeg-stream';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import type { ServerResponse } from 'node:http';
import type { StreamPool } from '../streams/stream-pool.ts';
import type { StreamMetrics } from '../stream-metrics.ts';
import { stalledMaxMs } from './socket-client.ts';
import { openStreamView } from './stream-view.ts';

const boundary = 'camplane-frame';

/**
 * Answers with an endless `multipart/x-mixed-replace` response. A frame is written once the response has taken the one
 * before, so that a client that does not read costs one frame.
 *
 * @throws CamplaneError `stream-limit`
 */
export function serveMjpeg(
  response: ServerResponse,
  stream: { cameraId: string; quality: JpegQuality },
  { pool, metrics }: { pool: StreamPool; metrics: StreamMetrics },
): void {
  let isWriting = false;
  let waiting: JpegFrame | null = null;

  function write(frame: JpegFrame): void {
    isWriting = true;
    waiting = null;
    metrics.sent.inc();
    metrics.sentBytes.inc(frame.jpeg.length);
    const head = `Content-Type: image/jpeg\r\nContent-Length: ${frame.jpeg.length}\r\n\r\n`;
    const stalled = setTimeout(() => response.destroy(), stalledMaxMs);
    response.cork();
    response.write(head);
    response.write(frame.jpeg);
    // The delimiter ends a part: players show it only then.
    response.write(`\r\n--${boundary}\r\n`, () => {
      clearTimeout(stalled);
      isWriting = false;
      if (waiting && !response.destroyed) write(waiting);
    });
    response.uncork();
  }

  function offer(frame: JpegFrame): void {
    if (!isWriting) return write(frame);
    if (waiting) metrics.dropped.inc();
    waiting = frame;
  }

  const view = openStreamView(pool, stream, { onFrame: offer, onState: () => undefined });
  response.on('error', () => undefined); // `close` follows.
  response.once('close', () => view.close());
  response.writeHead(200, {
    'Content-Type': `multipart/x-mixed-replace; boundary=${boundary}`,
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
    Connection: 'close',
  });
  response.write(`--${boundary}\r\n`);
  const latest = view.latest();
  if (latest) write(latest);
}
