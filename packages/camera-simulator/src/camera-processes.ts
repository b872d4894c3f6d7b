import { once } from 'node:events';
import { connect } from 'node:net';
import type { MediaServerLog } from '@camplane/mediamtx/log';
import { runMediaServer } from '@camplane/mediamtx/media-server-process';
import { asError } from '@camplane/runtime/as-error';
import { startChild } from '@camplane/supervisor/child-process';

/** The server or the publisher of a camera. */
export type Running = {
  pid: number;
  ended: AbortSignal;
  stderr: () => string;
  send(signal: NodeJS.Signals): void;
  /** SIGKILL, awaited. */
  kill(): Promise<void>;
};

/** The RTSP server of a camera; resolves when it listens. */
export async function startRtspServer(options: {
  binary: string;
  configurationFile: string;
  port: number;
  log: MediaServerLog;
  signal: AbortSignal;
}): Promise<Running> {
  const { port, log, signal } = options;
  const exited = new AbortController();
  let run: Promise<unknown> | undefined;
  const pid = await new Promise<number>((resolve, reject) => {
    run = runMediaServer({
      binary: options.binary,
      configurationFile: options.configurationFile,
      portUses: { [port]: 'RTSP of the simulated camera' },
      probe: async (limit) => {
        const socket = connect({ port, host: '127.0.0.1', signal: limit });
        await once(socket, 'connect', { signal: limit });
        socket.destroy();
      },
      signal,
      log,
      onReady: resolve,
    })
      .then((ending) => reject(new Error(`the camera's MediaMTX ended: ${JSON.stringify(ending)}`)))
      .catch((error: unknown) => reject(asError(error)))
      .finally(() => exited.abort());
  });
  return running(pid, exited.signal, () => '', run ?? Promise.resolve());
}

/** Publishes a clip to the camera's server in a loop. */
export function startPublishing(options: {
  file: string;
  url: string;
  log: MediaServerLog;
  signal: AbortSignal;
}): Running {
  const exited = new AbortController();
  let complaint = '';
  const child = startChild({
    name: 'camera-publisher',
    command: 'ffmpeg',
    args: [
      ...['-hide_banner', '-loglevel', 'error', '-nostdin'],
      ...['-re', '-stream_loop', '-1', '-i', options.file],
      ...['-map', '0', '-c', 'copy', '-f', 'rtsp', '-rtsp_transport', 'tcp', options.url],
    ],
    onStderrLine: (line) => {
      complaint = `${complaint}${line}\n`.slice(-2000);
      options.log.debug({}, line);
    },
    signal: options.signal,
  });
  const ended = child.ended.finally(() => exited.abort());
  if (child.pid === undefined) throw new Error('FFmpeg could not be started: is it installed?');
  return running(child.pid, exited.signal, () => complaint, ended);
}

function running(pid: number, ended: AbortSignal, stderr: () => string, settled: Promise<unknown>): Running {
  const send = (signal: NodeJS.Signals) => {
    if (!ended.aborted) process.kill(pid, signal);
  };
  return {
    pid,
    ended,
    stderr,
    send,
    // SIGKILL also ends a stopped process.
    kill: async () => {
      send('SIGKILL');
      await settled.catch(() => undefined);
    },
  };
}
