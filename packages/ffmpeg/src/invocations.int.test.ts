import { createHash } from 'node:crypto';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startChild } from '@camplane/supervisor/child-process';
import { freePort } from '@camplane/testkit/free-port';
import { publishPattern } from '@camplane/testkit/publish-pattern';
import { startTestRtspServer } from '@camplane/testkit/rtsp-server';
import type { TestRtspServer } from '@camplane/testkit/rtsp-server';
import { testedFfmpegs } from '@camplane/testkit/tested-ffmpegs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildCopy } from './arguments/copy.ts';
import type { PublishOptions } from './arguments/publish-source.ts';
import { buildOverlayDecode } from './arguments/overlay-decode.ts';
import { buildOverlayEncode } from './arguments/overlay-encode.ts';
import { buildTap } from './arguments/tap.ts';
import { buildTranscode } from './arguments/transcode.ts';
import { classifyError } from './classify-error.ts';
import type { FfmpegInvocation } from './invocation.ts';
import { createJpegSplitter } from '@camplane/camera-source/jpeg-splitter';
import { createProgressParser } from './progress.ts';

const size = { width: 320, height: 240 };
/** The version under test. */
let ffmpeg = '';
let folder = '';
let server: TestRtspServer;
let publisher: { stop(): Promise<void> };
/** MediaMTX needs a hash for logins with characters that its configuration does not accept. */
const login = { username: "us'er", password: `p@ss+w/o rd'%"#?\\` };
const hash = (text: string) => `sha256:${createHash('sha256').update(text).digest('base64')}`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'camplane-invocations-'));
  server = await startTestRtspServer({
    login: { username: hash(login.username), password: hash(login.password) },
    authMethods: ['basic'],
  });
  publisher = await publishPattern({ port: server.port, size: '320x240', audio: true });
});

afterAll(async () => {
  await publisher?.stop();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs FFmpeg until `enough`, at most 15 s, and returns its output and exit. */
async function run(invocation: FfmpegInvocation, enough: (output: Buffer[]) => boolean = () => false) {
  const output: Buffer[] = [];
  const end = new AbortController();
  const child = startChild({
    name: 'ffmpeg',
    command: ffmpeg,
    ...invocation,
    stdout: (chunk) => {
      output.push(chunk);
      if (enough(output)) end.abort();
    },
    signal: AbortSignal.any([end.signal, AbortSignal.timeout(15_000)]),
    killAfterMs: 2000,
  });
  const ending = await child.ended;
  return { ending, output: Buffer.concat(output), reached: end.signal.aborted };
}

/** Whether FFmpeg has reported that many frames. */
function frames(count: number): (output: Buffer[]) => boolean {
  return (output) => {
    let seen = 0;
    createProgressParser(({ frame }) => (seen = frame)).push(Buffer.concat(output));
    return seen >= count;
  };
}

async function streamsOf(
  url: string,
): Promise<{ codec_name: string; width?: number; has_b_frames?: number }[]> {
  const args = [
    '-v',
    'error',
    '-rtsp_transport',
    'tcp',
    '-analyzeduration',
    '1000000',
    '-show_streams',
    '-of',
    'json',
    url,
  ];
  const { stdout } = await promisify(execFile)('ffprobe', args, { timeout: 15_000 });
  return (JSON.parse(stdout) as { streams: { codec_name: string }[] }).streams;
}

const path = (name: string) => `rtsp://127.0.0.1:${server.port}/${name}`;
const readable = (name: string) =>
  path(name).replace('//', `//${encodeURIComponent(login.username)}:${encodeURIComponent(login.password)}@`);

function publishing(target: string, options: Partial<PublishOptions> = {}): PublishOptions {
  return {
    source: { kind: 'rtsp', secure: false, host: '127.0.0.1', port: server.port, path: '/stream1' },
    transport: 'tcp',
    credentials: login,
    mediaFolder: folder,
    target: path(target),
    audio: false,
    ...options,
  };
}

/** Runs a publishing FFmpeg until its path has been read. */
async function publishAndLook(invocation: FfmpegInvocation, name: string) {
  const end = new AbortController();
  const isFlowing = Promise.withResolvers<void>();
  const enough = frames(3);
  const output: Buffer[] = [];
  const child = startChild({
    name: 'ffmpeg',
    command: ffmpeg,
    ...invocation,
    stdout: (chunk) => {
      output.push(chunk);
      if (enough(output)) isFlowing.resolve();
    },
    signal: end.signal,
  });
  try {
    const early = await Promise.race([isFlowing.promise, child.ended]);
    if (early) throw new Error(early.stderrTail.join('\n'));
    return await streamsOf(readable(name));
  } finally {
    end.abort();
    await child.ended;
  }
}

describe.each(testedFfmpegs)('copying a camera with $name', ({ command }) => {
  beforeAll(() => void (ffmpeg = command));

  it('publishes it unchanged, and counts frames without decoding', async () => {
    const streams = await publishAndLook(buildCopy(publishing('copied')), 'copied');
    expect(streams).toEqual([expect.objectContaining({ codec_name: 'h264', width: 320 })]);
  });

  it('publishes sound as Opus if requested', async () => {
    const streams = await publishAndLook(buildCopy(publishing('sound', { audio: true })), 'sound');
    expect(streams.map(({ codec_name }) => codec_name)).toEqual(['h264', 'opus']);
  });

  it('encodes a pattern, which has nothing to copy', async () => {
    const pattern = buildCopy(publishing('pattern', { source: { kind: 'test', pattern: 'testsrc2' } }));
    expect(await publishAndLook(pattern, 'pattern')).toEqual([
      expect.objectContaining({ codec_name: 'h264', width: 1280, has_b_frames: 0 }),
    ]);
  });

  it('loops a file', async () => {
    const clip = [
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=320x240:rate=10',
      '-t',
      '1',
      '-c:v',
      'libx264',
      '-bf',
      '0',
    ];
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...clip, join(folder, 'clip.mp4')]);
    const { reached } = await run(
      buildCopy(publishing('file', { source: { kind: 'file', path: 'clip.mp4' } })),
      frames(25),
    );
    expect(reached).toBe(true);
  });

  it.each([
    ['a refused login', 'CredentialsRefused', { credentials: { username: 'x', password: 'canary' } }],
    ['no login', 'CredentialsRefused', { credentials: null }],
    ['a missing file', 'NotFound', { source: { kind: 'file', path: 'none.mp4' } }],
    ['a missing device', 'NotFound', { source: { kind: 'v4l2', device: '/dev/video99' } }],
  ] as const)('reports why it exits: %s', async (_what, kind, options) => {
    const { ending } = await run(buildCopy(publishing('refused', options)));
    expect(ending).toMatchObject({ kind: 'exited' });
    expect(classifyError(ending.stderrTail)).toMatchObject({ kind });
    expect(ending.stderrTail.join()).not.toContain('canary');
  });

  it('distinguishes a camera that refuses the connection from a media server that does', async () => {
    const port = await freePort();
    const source = { kind: 'rtsp', secure: false, host: '127.0.0.1', port, path: '/x' } as const;
    const noCamera = await run(buildCopy(publishing('x', { source })));
    expect(classifyError(noCamera.ending.stderrTail)).toMatchObject({ kind: 'ConnectionRefused' });
    const noServer = await run({
      ...buildCopy({ ...publishing('x'), target: `rtsp://127.0.0.1:${port}/x` }),
    });
    expect(classifyError(noServer.ending.stderrTail)).toMatchObject({ kind: 'MediaServerUnavailable' });
  });
});

describe.each(testedFfmpegs)('a login at a camera with $name', ({ command }) => {
  beforeAll(() => void (ffmpeg = command));

  it.each([
    `p@ss:w/o rd'%"#?\\`,
    "'; file '/etc/passwd",
    "it's",
    '\\',
    "\\'",
    '%41%2f',
    'a:b:c',
    'пароль €',
    ' spaces ',
    '{}[]|^`<>~!*()',
    '',
  ])('arrives as it is, in no argument: %j', async (password) => {
    const seen: string[] = [];
    const camera = createServer((socket) => {
      socket
        .on('error', () => undefined)
        .on('data', (data) => {
          const request = data.toString('latin1');
          const encoded = /^Authorization: Basic (\S+)/im.exec(request)?.[1];
          const sequence = /^CSeq: (\d+)/im.exec(request)?.[1] ?? '0';
          if (encoded !== undefined) seen.push(Buffer.from(encoded, 'base64').toString());
          const status = request.startsWith('OPTIONS')
            ? '200 OK'
            : encoded === undefined
              ? '401 Unauthorized\r\nWWW-Authenticate: Basic realm="camera"'
              : '404 Not Found';
          socket.write(`RTSP/1.0 ${status}\r\nCSeq: ${sequence}\r\n\r\n`);
        });
    });
    camera.listen(0, '127.0.0.1');
    await once(camera, 'listening');
    const address = camera.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const source = { kind: 'rtsp', secure: false, host: '127.0.0.1', port, path: '/x' } as const;
    const invocation = buildCopy(publishing('x', { source, credentials: { username: "ad'min", password } }));
    const { ending } = await run(invocation);
    camera.close();
    expect(seen).toContain(`ad'min:${password}`);
    expect(classifyError(ending.stderrTail)).toMatchObject({ kind: 'NotFound' });
    expect(invocation.args.join(' ')).not.toContain("ad'min");
  });
});

describe.each(testedFfmpegs)('encoding with $name', ({ command }) => {
  beforeAll(() => void (ffmpeg = command));

  it('converts B-frames and odd sizes to H.264 that a browser plays', async () => {
    const odd = ['-f', 'lavfi', '-i', 'testsrc2=size=321x241:rate=10', '-t', '2', '-c:v', 'ffv1'];
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...odd, join(folder, 'odd.mkv')]);
    const invocation = buildTranscode(publishing('odd', { source: { kind: 'file', path: 'odd.mkv' } }));
    expect(await publishAndLook(invocation, 'odd')).toEqual([
      expect.objectContaining({ codec_name: 'h264', width: 320, has_b_frames: 0, pix_fmt: 'yuv420p' }),
    ]);
  });

  it('decodes a camera to raw frames of the requested size', async () => {
    const output = join(folder, 'raw.bgr');
    const decode = buildOverlayDecode({
      ...publishing('x'),
      width: 160,
      height: 120,
      format: 'bgr24',
      output: 'pipe:1',
      soundOutput: null,
    });
    // Progress also uses standard output, which here must only contain frames.
    const args = decode.args.map((arg, i) => (decode.args[i - 1] === '-progress' ? output : arg));
    const frameBytes = 160 * 120 * 3;
    const { reached } = await run(
      { ...decode, args },
      (chunks) => Buffer.concat(chunks).length >= 5 * frameBytes,
    );
    expect(reached).toBe(true);
  });

  it('timestamps drawn frames by arrival, not by number', async () => {
    const { args } = buildOverlayEncode({
      ...size,
      input: 'pipe:0',
      fps: 10,
      format: 'bgr24',
      target: 'rtsp://x/',
    });
    const until = args.lastIndexOf('-f');
    const encoder = spawn(
      ffmpeg,
      args
        .slice(0, until)
        .map((arg, i) => (args[i - 1] === '-progress' ? '/dev/null' : arg))
        .concat('-f', 'framecrc', 'pipe:1'),
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    let text = '';
    encoder.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const picture = Buffer.alloc(size.width * size.height * 3, 90);
    for (let i = 0; i < 20; i += 1) {
      encoder.stdin.write(picture);
      // A gap of one second in a 10 fps stream: dropped frames.
      await delay(i === 9 ? 1000 : 40);
    }
    encoder.stdin.end();
    await once(encoder, 'close');
    const seconds = [...text.matchAll(/^0, +\d+, +(\d+),/gm)].map(([, pts]) => Number(pts) / 90_000);
    expect(seconds).toHaveLength(20);
    expect((seconds[10] ?? 0) - (seconds[9] ?? 0)).toBeGreaterThan(0.8);
    expect((seconds[19] ?? 0) - (seconds[10] ?? 0)).toBeLessThan(0.8);
    expect(seconds.every((second, i) => i === 0 || second > (seconds[i - 1] ?? 0))).toBe(true);
    // After the gap there is one key frame, not one per second of the gap.
    const keyFrames = text.split('\n').filter((line) => line.startsWith('0,') && !line.includes('F=0x0'));
    expect(keyFrames).toHaveLength(2);
  });
});

describe.each(testedFfmpegs)('capturing JPEGs with $name', ({ command }) => {
  beforeAll(() => void (ffmpeg = command));

  // Taps read from the local MediaMTX without a password; this one is in the URL.
  const splitInto = (pictures: Buffer[]) =>
    createJpegSplitter({ maxBytes: 1_000_000, onFrame: (jpeg) => pictures.push(jpeg) });

  it.each([true, false])(
    'writes JPEGs, never larger than the source (key frames only: %s)',
    async (keyFramesOnly) => {
      const pictures: Buffer[] = [];
      const splitter = splitInto(pictures);
      let pushed = 0;
      const tap = buildTap({ url: readable('stream1'), fps: 5, width: 640, quality: 80, keyFramesOnly });
      await run(tap, (output) => {
        output.slice(pushed).forEach((chunk) => splitter.push(chunk));
        pushed = output.length;
        return pictures.length >= 3;
      });
      expect(pictures.length).toBeGreaterThanOrEqual(3);
      await writeFile(join(folder, 'tap.jpg'), pictures[0] ?? '');
      expect(await pictureOf(join(folder, 'tap.jpg'))).toMatchObject({ codec_name: 'mjpeg', width: 320 });
    },
  );

  async function pictureOf(file: string): Promise<unknown> {
    const { stdout } = await promisify(execFile)('ffprobe', [
      '-v',
      'error',
      '-show_streams',
      '-of',
      'json',
      file,
    ]);
    return (JSON.parse(stdout) as { streams: unknown[] }).streams[0];
  }
});
