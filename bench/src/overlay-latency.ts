import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { runOverlaySession } from '@camplane/camera-service/overlay/overlay-session';
import { readTimeMark } from '@camplane/camera-simulator/time-mark';
import { buildOverlayEncode } from '@camplane/ffmpeg/arguments/overlay-encode';
import { h264Arguments } from '@camplane/ffmpeg/arguments/publish';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';

const size = { width: 1280, height: 720 };
const small = { width: 320, height: 180 };
const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y'];
/** As in overlay mode: FFmpeg's raw "encoder" would otherwise delay one frame per core. */
const rawOutput = ['-vsync', 'passthrough', '-enc_time_base', '1:90000', '-threads', '1'];
const connectTimeoutMs = 10_000;

/**
 * Latency of overlay mode over one FFmpeg that decodes, draws and encodes, in frames, per frame. This process feeds both
 * the same bytes at the same time and reads both outputs: over RTSP, each reading FFmpeg would randomly be a frame
 * earlier or later.
 *
 * @param clip NUT with time marks, upside down, because the overlay's title would cover them at the top
 */
export async function measureOverlayLag(options: {
  clip: string;
  format: 'bgr24' | 'yuv420p';
  fps: number;
  seconds: number;
}): Promise<number[]> {
  const { clip, format, fps } = options;
  const folder = await createTemporaryFolder();
  const stop = new AbortController();
  const children: ChildProcess[] = [];
  const servers: Server[] = [];
  const start = (args: string[]) => {
    const child = spawn('ffmpeg', [...quiet, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.on('error', () => undefined);
    children.push(child);
    return child;
  };
  const listen = async () => {
    const server = createServer();
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const connected = once(server, 'connection', {
      signal: AbortSignal.timeout(connectTimeoutMs),
    }) as Promise<[Socket]>;
    return { url: `tcp://127.0.0.1:${port}`, connected };
  };
  let session: Promise<unknown> = Promise.resolve();
  try {
    const [controlIn, controlOut, overlayIn, overlayOut] = [
      await listen(),
      await listen(),
      await listen(),
      await listen(),
    ];
    const input = (url: string) => [
      '-fflags',
      'nobuffer',
      '-flags',
      'low_delay',
      '-probesize',
      '65536',
      '-f',
      'nut',
      '-i',
      url,
    ];
    const output = (url: string) => ['-flush_packets', '1', '-f', 'nut', url];
    const box = 'drawbox=x=128:y=144:w=320:h=216:color=lime:t=4';
    start([
      ...input(controlIn.url),
      '-vf',
      box,
      '-vsync',
      'passthrough',
      ...h264Arguments(1),
      ...output(controlOut.url),
    ]);
    session = runOverlaySession({
      sound: false,
      ...size,
      pixelFormat: format,
      decode: (file, { width, height }) => ({
        args: [
          ...[...quiet, ...input(overlayIn.url), ...rawOutput],
          ...['-s', `${width}x${height}`, '-pix_fmt', format, '-f', 'rawvideo', file],
        ],
      }),
      encode: (file) => {
        const { args } = buildOverlayEncode({ input: file, ...size, fps, format, target: 'rtsp://unused' });
        return { args: [...args.slice(0, args.lastIndexOf('-f')), ...output(overlayOut.url)] };
      },
      cameraName: 'Front door',
      overlay: { timestamp: true, boxes: true, privacyMasks: [] },
      boxes: () => [{ x: 0.1, y: 0.2, width: 0.25, height: 0.3, label: 'person', confidence: 0.9 }],
      frames: () => null,
      onJpeg: () => undefined,
      onFrames: () => undefined,
      onDropped: () => undefined,
      signal: stop.signal,
      log: { debug: () => undefined },
      folder: folder.path,
      ffmpegPath: 'ffmpeg',
    }).catch((error: unknown) => error);
    const marksOf = (connected: Promise<[Socket]>) => {
      const marks = new Map<number, number>();
      const reader = start([
        ...input('pipe:0'),
        '-vf',
        `vflip,scale=${small.width}:${small.height}`,
        ...rawOutput,
        '-pix_fmt',
        'gray',
        '-f',
        'rawvideo',
        'pipe:1',
      ]);
      void connected.then(
        ([socket]) => socket.on('error', () => undefined).pipe(reader.stdin),
        () => undefined,
      );
      onFrames(reader, small.width * small.height, (frame) => {
        const mark = readTimeMark(frame, small.width, small.height);
        if (mark !== null) marks.set(mark, performance.now());
      });
      return marks;
    };
    const controlMarks = marksOf(controlOut.connected);
    const overlayMarks = marksOf(overlayOut.connected);
    const [[controlSocket], [overlaySocket]] = await Promise.all([controlIn.connected, overlayIn.connected]);
    for (const socket of [controlSocket, overlaySocket]) socket.on('error', () => undefined).setNoDelay();
    const source = start([
      '-re',
      '-stream_loop',
      '-1',
      '-i',
      clip,
      '-c',
      'copy',
      '-flush_packets',
      '1',
      '-f',
      'nut',
      'pipe:1',
    ]);
    source.stdout.on('data', (chunk: Buffer) => {
      for (const socket of [controlSocket, overlaySocket]) socket.write(chunk);
    });
    await Promise.all([controlOut.connected, overlayOut.connected]);
    await delay(2000);
    // Ignore frames from the start of both; afterwards each mark occurs once.
    controlMarks.clear();
    overlayMarks.clear();
    await delay(options.seconds * 1000);
    return [...overlayMarks].flatMap(([mark, atMs]) => {
      const controlAtMs = controlMarks.get(mark);
      const isSame = controlAtMs !== undefined && Math.abs(atMs - controlAtMs) < 2000;
      return isSame ? [((atMs - controlAtMs) * fps) / 1000] : [];
    });
  } finally {
    stop.abort();
    await session;
    for (const child of children) child.kill('SIGKILL');
    for (const server of servers) server.close();
    await folder.remove();
  }
}

function onFrames(child: ChildProcess, frameBytes: number, onFrame: (frame: Uint8Array) => void): void {
  const frame = new Uint8Array(frameBytes);
  let filled = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + frameBytes - filled);
      frame.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < frameBytes) continue;
      filled = 0;
      onFrame(frame);
    }
  });
}
