import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** If this process wakes this much too late, its own delay is the likelier reason for a missing response. */
const ownLatenessMs = 300;

/**
 * Probes MediaMTX over RTSP (OPTIONS, RFC 2326, section 10.1) until aborted, and reports each response. Not over the
 * control API, which calls our auth hook: while this process is busy, a healthy MediaMTX would seem hung. For the same
 * reason, a suspension of this process counts as a response.
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
    // A failed connection counts as no response; the next probe reconnects.
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
