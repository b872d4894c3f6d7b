import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { defaultFfmpegLimits } from '@camplane/ffmpeg/process-limits';
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
export async function measureOverlayLag(options: LagOptions): Promise<number[]> {
  const { fps } = options;
  const folder = await createTemporaryFolder();
  const stop = new AbortController();
  const programs = createPrograms();
  let session: Promise<unknown> = Promise.resolve();
  try {
    const [controlIn, controlOut, overlayIn, overlayOut] = [
      await programs.listen(),
      await programs.listen(),
      await programs.listen(),
      await programs.listen(),
    ];
    programs.start(controlArguments(controlIn.url, controlOut.url));
    session = runOverlay(options, { in: overlayIn.url, out: overlayOut.url }, folder.path, stop.signal);
    const controlMarks = marksOf(programs, controlOut.connected);
    const overlayMarks = marksOf(programs, overlayOut.connected);
    const [[controlSocket], [overlaySocket]] = await Promise.all([controlIn.connected, overlayIn.connected]);
    feedClip(programs, options.clip, [controlSocket, overlaySocket]);
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
    programs.stop();
    await folder.remove();
  }
}

type LagOptions = { clip: string; format: 'bgr24' | 'yuv420p'; fps: number; seconds: number };
type Connected = Promise<[Socket]>;
type Programs = ReturnType<typeof createPrograms>;

/** The FFmpeg processes and servers of a measurement. */
function createPrograms() {
  const children: ChildProcess[] = [];
  const servers: Server[] = [];
  return {
    start: (args: string[]) => {
      const child = spawn('ffmpeg', [...quiet, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
      child.stdin.on('error', () => undefined);
      children.push(child);
      return child;
    },
    listen: async () => {
      const server = createServer();
      servers.push(server);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const signal = AbortSignal.timeout(connectTimeoutMs);
      const connected = once(server, 'connection', { signal }) as Connected;
      return { url: `tcp://127.0.0.1:${port}`, connected };
    },
    stop: () => {
      for (const child of children) child.kill('SIGKILL');
      for (const server of servers) server.close();
    },
  };
}

const lowDelay = ['-fflags', 'nobuffer', '-flags', 'low_delay', '-probesize', '65536'];
const input = (url: string) => [...lowDelay, '-f', 'nut', '-i', url];
const output = (url: string) => ['-flush_packets', '1', '-f', 'nut', url];

/** One FFmpeg that decodes, draws two boxes and encodes. */
function controlArguments(from: string, to: string): string[] {
  const box = 'drawbox=x=128:y=144:w=320:h=216:color=lime:t=4';
  return [...input(from), '-vf', box, '-vsync', 'passthrough', ...h264Arguments(1), ...output(to)];
}

function runOverlay(
  { format, fps }: LagOptions,
  urls: { in: string; out: string },
  folder: string,
  signal: AbortSignal,
): Promise<unknown> {
  return runOverlaySession({
    sound: false,
    ...size,
    pixelFormat: format,
    decode: (file, { width, height }) => ({
      args: [
        ...[...quiet, ...input(urls.in), ...rawOutput],
        ...['-s', `${width}x${height}`, '-pix_fmt', format, '-f', 'rawvideo', file],
      ],
    }),
    encode: (file) => {
      const { args } = buildOverlayEncode({ input: file, ...size, fps, format, target: 'rtsp://unused' });
      return { args: [...args.slice(0, args.lastIndexOf('-f')), ...output(urls.out)] };
    },
    cameraName: 'Front door',
    overlay: { timestamp: true, boxes: true, privacyMasks: [] },
    boxes: () => [{ x: 0.1, y: 0.2, width: 0.25, height: 0.3, label: 'person', confidence: 0.9 }],
    frames: () => null,
    onJpeg: () => undefined,
    onFrames: () => undefined,
    onDropped: () => undefined,
    signal,
    log: { debug: () => undefined },
    folder,
    ffmpegPath: 'ffmpeg',
    ffmpegLimits: defaultFfmpegLimits,
  }).catch((error: unknown) => error);
}

/** Time at which each time mark was decoded from the connection. */
function marksOf(programs: Programs, connected: Connected): Map<number, number> {
  const marks = new Map<number, number>();
  const scale = `vflip,scale=${small.width}:${small.height}`;
  const raw = ['-pix_fmt', 'gray', '-f', 'rawvideo', 'pipe:1'];
  const reader = programs.start([...input('pipe:0'), '-vf', scale, ...rawOutput, ...raw]);
  void connected.then(
    ([socket]) => socket.on('error', () => undefined).pipe(reader.stdin),
    () => undefined,
  );
  onFrames(reader, small.width * small.height, (frame) => {
    const mark = readTimeMark(frame, small.width, small.height);
    if (mark !== null) marks.set(mark, performance.now());
  });
  return marks;
}

/** Sends the clip in real time to all sockets. */
function feedClip(programs: Programs, clip: string, sockets: Socket[]): void {
  for (const socket of sockets) socket.on('error', () => undefined).setNoDelay();
  const loop = ['-re', '-stream_loop', '-1', '-i', clip, '-c', 'copy'];
  const source = programs.start([...loop, ...output('pipe:1')]);
  source.stdout.on('data', (chunk: Buffer) => {
    for (const socket of sockets) socket.write(chunk);
  });
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
