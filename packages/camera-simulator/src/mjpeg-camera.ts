import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { ClipOptions } from './clip.ts';
import { encodedClip } from './clip.ts';

export type MjpegCameraOptions = Omit<
  ClipOptions,
  'codec' | 'audio' | 'bFrames' | 'keyFrameIntervalSeconds'
> & {
  credentials: { username: string; password: string } | null;
  cacheFolder: string;
  port?: number;
};

export type MjpegCamera = {
  /** Without user information. */
  readonly url: string;
  readonly port: number;
  viewers(): number;
  /** Stops sending frames; connections stay open. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
};

const boundary = 'camera-boundary';
/** Bytes buffered for a slow client; beyond that, frames are dropped, as cameras do. */
const pendingMaxBytes = 4_000_000;

/** Starts an HTTP camera that sends one JPEG after another (multipart/x-mixed-replace). */
export async function startMjpegCamera(options: MjpegCameraOptions): Promise<MjpegCamera> {
  const { content, width, height, fps, credentials, cacheFolder } = options;
  const clip = await encodedClip(
    { content, codec: 'mjpeg', width, height, fps, keyFrameIntervalSeconds: 1 / fps },
    cacheFolder,
  );
  const pictures = await readPictures(clip);
  const clients = new Set<ServerResponse>();
  let frozen = false;
  let next = 0;

  const server = createServer((request, response) => {
    if (!isAllowed(request, credentials)) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="camera"' }).end();
      return;
    }
    if (request.url !== '/video.mjpg') {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': `multipart/x-mixed-replace; boundary=${boundary}` });
    response.flushHeaders();
    clients.add(response);
    response.on('error', () => undefined).on('close', () => clients.delete(response));
  });
  const timer = setInterval(() => {
    if (frozen) return;
    const picture = pictures[next % pictures.length] ?? Buffer.alloc(0);
    next += 1;
    const head = `--${boundary}\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\n\r\n`;
    const part = Buffer.concat([Buffer.from(head), picture, Buffer.from('\r\n')]);
    for (const client of clients) {
      if (client.writableLength < pendingMaxBytes) client.write(part);
    }
  }, 1000 / fps);

  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');

  return {
    url: `http://127.0.0.1:${address.port}/video.mjpg`,
    port: address.port,
    viewers: () => clients.size,
    freeze: () => {
      frozen = true;
    },
    thaw: () => {
      frozen = false;
    },
    stop: async () => {
      clearInterval(timer);
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function isAllowed(request: IncomingMessage, credentials: MjpegCameraOptions['credentials']): boolean {
  if (credentials === null) return true;
  const expected = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  return request.headers.authorization === `Basic ${expected}`;
}

/** The clip's frames as JPEGs. FFmpeg reports their sizes, so the bytes need no parsing. */
async function readPictures(clip: string): Promise<Buffer[]> {
  const common = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-i', clip, '-map', '0:v', '-c', 'copy'];
  const [sizes, bytes] = await Promise.all([
    outputOf('ffmpeg', [...common, '-f', 'framecrc', 'pipe:1']),
    outputOf('ffmpeg', [...common, '-f', 'rawvideo', 'pipe:1']),
  ]);
  const pictures: Buffer[] = [];
  let offset = 0;
  for (const line of sizes.toString('latin1').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    // stream, decoding time, presentation time, duration, size, checksum
    const size = Number(line.split(',')[4]);
    pictures.push(bytes.subarray(offset, offset + size));
    offset += size;
  }
  if (pictures.length === 0 || offset !== bytes.length)
    throw new Error(`${clip} has no frames, or their sizes do not add up`);
  return pictures;
}

async function outputOf(command: string, args: string[]): Promise<Buffer> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} failed with exit code ${code}`);
  return Buffer.concat(chunks);
}
