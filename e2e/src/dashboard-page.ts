import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { waitUntil } from '@camplane/testkit/wait-until';

const builtPage = fileURLToPath(new URL('../../services/dashboard/dist/index.html', import.meta.url));

/** The dashboard in a browser, with its console. */
export type DashboardPage = {
  readonly page: Page;
  /** Frames and pictures presented on the page's video, over all connections. */
  frames(): Promise<number>;
  /** Waits until the video plays over `transport` and `more` further frames were presented. */
  waitForFrames(transport: 'webrtc' | 'hls' | 'jpeg', more?: number, timeoutMs?: number): Promise<void>;
  videoSize(): Promise<{ width: number; height: number }>;
  /** The page's peer connections so far, including closed ones. */
  peerConnections(): Promise<number>;
  /** Documents loaded so far, including the first. */
  loads(): number;
  /** Console errors, uncaught errors and Content-Security-Policy violations since the last call. */
  takeErrors(): string[];
  /** Failed requests that the browser logged since the last call. */
  takeFailedRequests(): string[];
  close(): Promise<void>;
};

const instrument = `
  window.camplanePeerConnections = 0;
  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct(target, args) { window.camplanePeerConnections += 1; return new target(...args); },
  });
`;

export async function requireBuiltDashboard(): Promise<void> {
  await access(builtPage).catch((cause: unknown) => {
    throw new Error('the dashboard is not built: run `pnpm --filter @camplane/dashboard build`', { cause });
  });
}

export async function openDashboard(
  browser: TestBrowser,
  url: string,
  options: { width?: number; height?: number; prepare?: (page: Page) => Promise<unknown> } = {},
): Promise<DashboardPage> {
  const page = await browser.newPage();
  await page.setViewportSize({ width: options.width ?? 1280, height: options.height ?? 800 });
  page.setDefaultTimeout(10_000);
  let errors: string[] = [];
  let failedRequests: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    const text = `${message.type()}: ${message.text()} (${message.location().url})`;
    // The browser logs every unsuccessful response, even if the page handles it.
    if (message.text().startsWith('Failed to load resource')) failedRequests.push(text);
    else if (/^WebSocket connection to .* failed/.test(message.text())) failedRequests.push(text);
    else errors.push(text);
  });
  page.on('pageerror', (error) => errors.push(`uncaught: ${String(error)}`));
  let loads = 0;
  page.on('load', () => (loads += 1));
  page.on('dialog', (dialog) => {
    errors.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.addInitScript(instrument);
  await options.prepare?.(page);
  await page.goto(url);

  const video = page.locator('video').first();
  const frames = async () => Number((await video.getAttribute('data-frames', { timeout: 1000 })) ?? 0);
  return {
    page,
    frames,
    async waitForFrames(transport, more = 10, timeoutMs = 15_000) {
      const read = async () => ({
        transport: await video.getAttribute('data-transport', { timeout: 1000 }),
        frames: await frames(),
        shown: await page.evaluate<boolean>("document.querySelector('video').classList.contains('shown')"),
      });
      const playing = await waitUntil(read, (seen) => seen.transport === transport && seen.shown, {
        what: `video over ${transport}`,
        timeoutMs,
      });
      await waitUntil(read, (seen) => seen.frames >= playing.frames + more && seen.shown, {
        what: `${more} more frames over ${transport}`,
        timeoutMs,
      });
    },
    videoSize: () =>
      page.evaluate(
        "(({ videoWidth: width, videoHeight: height }) => ({ width, height }))(document.querySelector('video'))",
      ),
    peerConnections: () => page.evaluate('window.camplanePeerConnections'),
    loads: () => loads,
    takeErrors() {
      const taken = errors;
      errors = [];
      return taken;
    },
    takeFailedRequests() {
      const taken = failedRequests;
      failedRequests = [];
      return taken;
    },
    close: () => page.close(),
  };
}
