import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChildEnding } from '@camplane/supervisor/child-process';
import { startChild } from '@camplane/supervisor/child-process';
import type { MediaMtxApi } from './api-client.ts';
import { MediaServerError, PortTakenError } from './media-server-error.ts';
import type { MediaServerLog } from './log.ts';
import { parseServerLogLine, takenPort } from './server-log-line.ts';

export type RunMediaServerOptions = {
  binary: string;
  /** From {@link mediaServerConfiguration}: logs must be structured and go to standard output. */
  configurationFile: string;
  /** The use of each port, for the error if one is taken: `{ 8554: 'RTSP' }`. */
  portUses: Readonly<Record<number, string>>;
  /** Resolves if the server responds; repeated until it does. */
  probe: (signal: AbortSignal) => Promise<unknown>;
  /** Stops the server: SIGTERM, then SIGKILL. */
  signal: AbortSignal;
  log: MediaServerLog;
  onReady: (pid: number) => void;
  startDeadlineMs?: number;
};

const startDeadlineMsDefault = 10_000;
const probeIntervalMs = 25;
/** MediaMTX exits within 100 ms or hangs. Short, because viewers wait for the next server. */
const killAfterMs = 1500;

/** Ready when the control API responds. */
export function apiProbe(api: Pick<MediaMtxApi, 'info'>): RunMediaServerOptions['probe'] {
  return (signal) => api.info(signal);
}

/**
 * Runs MediaMTX once and resolves with its exit, requested or not. Never restarts it.
 *
 * @throws {@link PortTakenError} if a port is taken; {@link MediaServerError} `timed-out` if it does not respond within
 * the start deadline, after it was stopped
 */
export async function runMediaServer(options: RunMediaServerOptions): Promise<ChildEnding> {
  const { log, signal, startDeadlineMs = startDeadlineMsDefault } = options;
  // Checked first: another program on the port could answer the probe instead of our server.
  await assertPortsFree(options.portUses);
  const startTimedOut = new AbortController();
  let taken: PortTakenError | undefined;
  const onLine = (line: string) => {
    if (line.trim() === '') return;
    const { level, message } = parseServerLogLine(line);
    log[level]({}, message);
    const port = takenPort(message);
    if (port !== undefined) taken ??= new PortTakenError(port, options.portUses[port] ?? 'listener', message);
  };
  const lines = createLineSplitter(onLine);
  const child = startChild({
    name: 'mediamtx',
    command: options.binary,
    args: [options.configurationFile],
    stdout: lines.push,
    onStderrLine: onLine,
    signal: AbortSignal.any([signal, startTimedOut.signal]),
    killAfterMs,
  });

  const exited = new AbortController();
  const ended = child.ended.finally(() => exited.abort());
  const ready = await waitUntilReady(
    options.probe,
    AbortSignal.any([signal, exited.signal]),
    startDeadlineMs,
  );
  if (ready === 'late') startTimedOut.abort();
  if (ready === 'ready' && child.pid !== undefined) options.onReady(child.pid);
  const ending = await ended;
  lines.end();
  if (taken !== undefined) throw taken;
  if (ready === 'late') {
    throw new MediaServerError(
      'timed-out',
      `MediaMTX did not respond within ${startDeadlineMs} ms of its start`,
    );
  }
  return ending;
}

async function assertPortsFree(portUses: RunMediaServerOptions['portUses']): Promise<void> {
  for (const [text, use] of Object.entries(portUses)) {
    const port = Number(text);
    const server = createServer();
    server.listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      throw new PortTakenError(port, use, `listen 127.0.0.1:${port}: address already in use`);
    }
    server.close();
    await once(server, 'close');
  }
}

async function waitUntilReady(
  probe: RunMediaServerOptions['probe'],
  signal: AbortSignal,
  deadlineMs: number,
): Promise<'ready' | 'late' | 'ended'> {
  const late = AbortSignal.timeout(deadlineMs);
  const either = AbortSignal.any([signal, late]);
  while (!either.aborted) {
    try {
      await probe(either);
      // If our server exited, another program answered the probe on its port.
      return signal.aborted ? 'ended' : 'ready';
    } catch {
      await delay(probeIntervalMs, undefined, { signal: either }).catch(() => undefined);
    }
  }
  return signal.aborted ? 'ended' : 'late';
}

const lineMaxLength = 16_384;

/** Splits chunks into lines; a line without an end is truncated at 16,384 characters. */
function createLineSplitter(onLine: (line: string) => void): {
  push: (chunk: Uint8Array) => void;
  end: () => void;
} {
  const decoder = new TextDecoder();
  let rest = '';
  const take = (text: string) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(-lineMaxLength);
    for (const line of lines) onLine(line);
  };
  return {
    push: (chunk) => take(decoder.decode(chunk, { stream: true })),
    end: () => take(`${decoder.decode()}\n`),
  };
}
