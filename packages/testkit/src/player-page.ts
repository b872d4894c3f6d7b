import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { readTimeMark } from '@camplane/camera-simulator/time-mark';
import type { TestBrowser } from './chromium.ts';
import { waitUntil } from './wait-until.ts';

export type PlayerState = {
  /** Frames shown since the page was opened. */
  frames: number;
  /** When the last frame was shown, by the page's clock; null before the first. */
  lastFrameMs: number | null;
  nowMs: number;
  currentTime: number;
  width: number;
  height: number;
  /** WebRTC's connection state; null for HLS. */
  connectionState: string | null;
  /** Number of connections: 1 while the first session lasts. */
  connects: number;
  error: string | null;
};

export type PlayerPage = {
  readonly page: Page;
  state(): Promise<PlayerState>;
  /** Waits until `more` further frames were shown. */
  waitForFrames(more: number, timeoutMs?: number): Promise<PlayerState>;
  /** The index in the time mark of the current frame; null without a mark. */
  timeMark(): Promise<number | null>;
  /** Red, green and blue at a point, given as fractions of width and height. */
  pixel(x: number, y: number): Promise<[number, number, number]>;
  close(): Promise<void>;
};

/** Serves player pages from loopback, at an origin that a media server can be configured to allow. */
export type PlayerServer = { readonly origin: string; close(): Promise<void> };

type PlayerSource = { kind: 'whep' | 'hls'; url: string };

export async function startPlayerServer(options: { hlsScript?: string } = {}): Promise<PlayerServer> {
  const script = await readFile(options.hlsScript ?? findHlsScript(), 'utf8');
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://player');
    if (pathname === '/hls.js') response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(script);
    else if (pathname === '/') {
      const kind = searchParams.get('kind') === 'hls' ? 'hls' : 'whep';
      const url = searchParams.get('url') ?? '';
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(html({ kind, url }));
    } else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port assigned');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Opens a page that plays a WHEP or HLS URL in a video element, from `server`, by default a separate one. */
export async function openPlayerPage(
  browser: TestBrowser,
  source: PlayerSource,
  options: { hlsScript?: string; server?: PlayerServer } = {},
): Promise<PlayerPage> {
  const server = options.server ?? (await startPlayerServer(options));
  const page = await browser.newPage();
  await page.goto(`${server.origin}/?${new URLSearchParams(source).toString()}`);

  const state = () => page.evaluate<PlayerState>('window.playerState()');
  return {
    page,
    state,
    waitForFrames: async (more, timeoutMs = 15_000) => {
      const before = (await state()).frames;
      return waitUntil(state, (now) => now.frames >= before + more, {
        what: `${more} more frames shown`,
        timeoutMs,
      });
    },
    timeMark: async () => {
      const frame = await page.evaluate<{ base64: string; width: number; height: number } | null>(
        'window.grayFrame()',
      );
      if (frame === null) return null;
      return readTimeMark(Buffer.from(frame.base64, 'base64'), frame.width, frame.height);
    },
    pixel: (x, y) => page.evaluate<[number, number, number]>(`window.pixelAt(${x}, ${y})`),
    close: async () => {
      await page.close();
      if (!options.server) await server.close();
    },
  };
}

function findHlsScript(): string {
  return createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js');
}

function html(source: PlayerSource): string {
  return `<!doctype html><meta charset="utf-8"><title>player</title>
<video id="video" muted autoplay playsinline></video>
${source.kind === 'hls' ? '<script src="/hls.js"></script>' : ''}
<script>
const url = ${JSON.stringify(source.url)};
${commonScript}
${source.kind === 'hls' ? hlsScript : whepScript}
</script>`;
}

const commonScript = `
const video = document.getElementById('video');
const state = { frames: 0, lastFrameMs: null, connects: 0, error: null, connectionState: null };
const onFrame = (now) => {
  state.frames += 1;
  state.lastFrameMs = now;
  video.requestVideoFrameCallback(onFrame);
};
video.requestVideoFrameCallback(onFrame);
window.playerState = () => ({
  ...state,
  nowMs: performance.now(),
  currentTime: video.currentTime,
  width: video.videoWidth,
  height: video.videoHeight,
});
const canvas = document.createElement('canvas');
const drawFrame = () => {
  if (video.videoWidth === 0) return null;
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, 0, 0);
  return context;
};
window.grayFrame = () => {
  const context = drawFrame();
  if (context === null) return null;
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  const gray = new Uint8Array(width * height);
  for (let i = 0; i < gray.length; i += 1) {
    gray[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
  }
  return { base64: gray.toBase64(), width, height };
};
window.pixelAt = (x, y) => {
  const context = drawFrame();
  if (context === null) return [0, 0, 0];
  const at = (fraction, size) => Math.min(size - 1, Math.floor(fraction * size));
  return [...context.getImageData(at(x, canvas.width), at(y, canvas.height), 1, 1).data.slice(0, 3)];
};`;

// WHEP (draft-ietf-wish-whep): one POST of an offer with all candidates, one answer. It retries only until the
// first session, so that a test can see a session end.
const whepScript = `
const connect = async () => {
  const connection = new RTCPeerConnection();
  connection.addTransceiver('video', { direction: 'recvonly' });
  connection.addTransceiver('audio', { direction: 'recvonly' });
  connection.ontrack = (event) => { video.srcObject ??= event.streams[0] ?? new MediaStream([event.track]); };
  connection.onconnectionstatechange = () => { state.connectionState = connection.connectionState; };
  await connection.setLocalDescription(await connection.createOffer());
  await new Promise((resolve) => {
    if (connection.iceGatheringState === 'complete') resolve();
    connection.onicegatheringstatechange = () => connection.iceGatheringState === 'complete' && resolve();
  });
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp' },
    body: connection.localDescription.sdp,
  });
  if (!response.ok) {
    connection.close();
    throw new Error('WHEP answered ' + response.status + ': ' + await response.text());
  }
  await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
  state.connects += 1;
  state.error = null;
};
const attempt = () => connect().catch((error) => {
  state.error = String(error);
  setTimeout(attempt, 250);
});
attempt();`;

const hlsScript = `
const start = () => {
  const hls = new Hls({ lowLatencyMode: true, liveDurationInfinity: true });
  hls.on(Hls.Events.ERROR, (_event, data) => {
    state.error = data.details;
    if (data.fatal) { hls.destroy(); setTimeout(start, 500); }
  });
  hls.on(Hls.Events.MANIFEST_PARSED, () => { state.connects += 1; state.error = null; void video.play(); });
  hls.loadSource(url);
  hls.attachMedia(video);
};
start();`;
