import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** How much later than planned this process may wake before its own lateness is the likelier reason for silence. */
const ownLatenessMs = 300;

/**
 * Asks MediaMTX again and again for a sign of life over RTSP (OPTIONS, RFC 2326, section 10.1) and tells each
 * answer, until aborted. Not over the control API: that asks our access hook, so a busy process of ours would
 * take a healthy MediaMTX for hung. For the same reason a moment in which this process itself slept counts as
 * a sign: it says nothing against MediaMTX.
 */
export async function watchRtsp(options: {
  host: string;
  port: number;
  intervalMs: number;
  onAlive(): void;
  signal: AbortSignal;
}): Promise<void> {
  const { host, port, intervalMs, signal } = options;
  let socket: Socket | undefined;
  let sequence = 0;

  function open(): Socket {
    const opened = connect({ host, port });
    opened.setNoDelay(true);
    opened.on('data', () => options.onAlive());
    // A refused or broken connection is silence; the next round opens another.
    opened.on('error', () => undefined);
    opened.on('close', () => {
      if (socket === opened) socket = undefined;
    });
    return opened;
  }

  try {
    while (!signal.aborted) {
      socket ??= open();
      sequence += 1;
      socket.write(`OPTIONS rtsp://${host}:${port}/ RTSP/1.0\r\nCSeq: ${sequence}\r\n\r\n`);
      const plannedMs = performance.now() + intervalMs;
      await delay(intervalMs, undefined, { signal }).catch(() => undefined);
      if (performance.now() - plannedMs > ownLatenessMs) options.onAlive();
    }
  } finally {
    socket?.destroy();
  }
}
