import { spawn } from 'node:child_process';
import { startTestMediaServer } from '@camplane/testkit/media-server';
import { waitUntil } from '@camplane/testkit/wait-until';

/** The control: plain FFmpeg copies of one camera into a plain MediaMTX, without Camplane. */
export async function startBareCopies(options: {
  source: string;
  credentials: { username: string; password: string };
  count: number;
  /** Adds a second FFmpeg per copy that reads MediaMTX and writes a JPEG per key frame, at most one per second. */
  tap: boolean;
}): Promise<{ pids: number[]; stop(): Promise<void> }> {
  const server = await startTestMediaServer({ auth: 'none' });
  const { username, password } = options.credentials;
  const url = options.source.replace('rtsp://', `rtsp://${username}:${password}@`);
  const running: { pid: number; stop(): Promise<void> }[] = [];
  const launch = (args: string[]) => {
    const child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', ...args], {
      stdio: 'ignore',
    });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    if (child.pid === undefined) throw new Error('FFmpeg could not be started');
    running.push({
      pid: child.pid,
      stop: () => {
        child.kill('SIGTERM');
        return ended;
      },
    });
  };
  const stop = async () => {
    await Promise.all(running.map((copy) => copy.stop()));
    await server.stop();
  };
  try {
    for (let index = 0; index < options.count; index++) {
      const path = `bare-${index}`;
      await server.api.addPath(path, {
        source: 'publisher',
        overridePublisher: true,
        alwaysAvailable: false,
      });
      launch([
        ...[
          '-fflags',
          'nobuffer',
          '-flags',
          'low_delay',
          '-analyzeduration',
          '100000',
          '-probesize',
          '100000',
        ],
        ...['-rtsp_transport', 'tcp', '-i', url, '-an', '-c:v', 'copy'],
        ...['-f', 'rtsp', '-rtsp_transport', 'tcp', server.rtspUrl(path)],
      ]);
    }
    await waitUntil(
      () => server.api.listPaths(),
      (paths) => paths.filter((path) => path.online).length === options.count,
      { what: `${options.count} copies online`, timeoutMs: 60_000 },
    );
    for (let index = 0; options.tap && index < options.count; index++) {
      launch([
        ...[
          '-rtsp_transport',
          'tcp',
          '-analyzeduration',
          '1500000',
          '-probesize',
          '5000000',
          '-skip_frame',
          'nokey',
        ],
        ...[
          '-i',
          server.rtspUrl(`bare-${index}`),
          '-an',
          '-vf',
          'fps=1,scale=640:-2',
          '-c:v',
          'mjpeg',
          '-q:v',
          '8',
        ],
        ...['-f', 'image2pipe', 'pipe:1'],
      ]);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { pids: running.map((copy) => copy.pid), stop };
}
