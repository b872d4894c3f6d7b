import type { Page } from 'playwright-core';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { waitUntil } from '@camplane/testkit/wait-until';

/** A page with a video: what it shows, and whether it had to reconnect. */
export type Viewer = {
  readonly page: Page;
  /** Frames decoded by the page's video so far. */
  frames(): Promise<number>;
  /** Whether the page is still in its first session: no new peer connection since it first showed video. */
  isSameSession(): Promise<boolean>;
  waitForFrames(more: number, timeoutMs?: number): Promise<number>;
  /** Mean brightness of an area of the video, 0–255, and its variation. */
  brightness(area: {
    x: number;
    y: number;
    width: number;
    height: number;
  }): Promise<{ mean: number; deviation: number }>;
  close(): Promise<void>;
};

const instrument = `
  window.camplanePeerConnections = 0;
  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct(target, args) { window.camplanePeerConnections += 1; return new target(...args); },
  });
`;

/** @param headers sent with every request of the page, for a login at MediaMTX */
export async function openViewer(
  browser: TestBrowser,
  url: string,
  headers: Record<string, string> = {},
): Promise<Viewer> {
  const page = await browser.newPage();
  await page.setExtraHTTPHeaders(headers);
  await page.addInitScript(instrument);
  await page.goto(url);
  const frames = () =>
    page.evaluate<number>("document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0");
  const peerConnections = () => page.evaluate<number>('window.camplanePeerConnections');
  let connectionsAtFirst: number | undefined;
  return {
    page,
    frames,
    isSameSession: async () => (await peerConnections()) === connectionsAtFirst,
    async waitForFrames(more, timeoutMs = 15_000) {
      const before = await frames();
      const shown = await waitUntil(frames, (now) => now >= before + more, {
        what: `${more} more frames at ${url}`,
        timeoutMs,
      });
      // MediaMTX's page opens a few at the start, to detect what the browser can play.
      connectionsAtFirst ??= await peerConnections();
      return shown;
    },
    brightness: (area) =>
      page.evaluate<{ mean: number; deviation: number }>(`(() => {
        const video = document.querySelector('video');
        const area = ${JSON.stringify(area)};
        const canvas = document.createElement('canvas');
        canvas.width = 64; canvas.height = 64;
        const context = canvas.getContext('2d');
        context.drawImage(video, area.x * video.videoWidth, area.y * video.videoHeight,
          area.width * video.videoWidth, area.height * video.videoHeight, 0, 0, 64, 64);
        const data = context.getImageData(0, 0, 64, 64).data;
        const values = [];
        for (let at = 0; at < data.length; at += 4) values.push((data[at] + data[at + 1] + data[at + 2]) / 3);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
        return { mean, deviation: Math.sqrt(variance) };
      })()`),
    close: () => page.close(),
  };
}
