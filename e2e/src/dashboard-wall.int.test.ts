import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Page, WebSocket } from 'playwright-core';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { startChromium } from '@camplane/testkit/chromium';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { waitUntil } from '@camplane/testkit/wait-until';
import { cameraBody, startCamera } from './cameras.ts';
import { openDashboard, requireBuiltDashboard } from './dashboard-page.ts';

jest.setTimeout(90_000);

const ids = Array.from({ length: 25 }, (_, index) => `cam-${String(index + 1).padStart(2, '0')}`);
const [firstId = ''] = ids;

let camplane: Camplane;
let camera: SimulatedCamera;
let browser: TestBrowser;

/** One small simulated camera, which plays as 25. */
beforeAll(async () => {
  await requireBuiltDashboard();
  [camplane, camera, browser] = await Promise.all([
    startCamplane({ environment: { STREAM_MAX_CONCURRENT: '25' } }),
    startCamera({ width: 320, height: 180, fps: 5 }),
    startChromium(),
  ]);
  for (const id of ids) {
    await camplane.createCamera(cameraBody(id, camera, { detection: { enabled: false } }));
  }
  for (const id of ids) await camplane.waitForPhase(id, 'RUNNING', 60_000);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await camplane?.dispose();
  await camera?.stop();
});

describe('pictures in Chromium', () => {
  it('replace WebRTC and HLS where both are blocked, and give way to WebRTC without a black frame', async () => {
    let blocked = true;
    const sockets: WebSocket[] = [];
    const dashboard = await openDashboard(browser, `${camplane.url}/cameras/${firstId}`, {
      prepare: async (page) => {
        for (const address of ['**/whep', '**/*.m3u8*']) {
          await page.route(address, (route) => (blocked ? route.abort() : route.continue()));
        }
        page.on('websocket', (socket) => {
          if (socket.url().endsWith(`/${firstId}/stream`)) sockets.push(socket);
        });
      },
    });
    const { page } = dashboard;
    await dashboard.waitForFrames('jpeg', 8, 30_000);
    await page.getByText('Playing pictures because WebRTC and HLS failed: the media server is').waitFor();
    expect(await page.evaluate<number[]>(averageColour)).not.toEqual([0, 0, 0]);
    await page.evaluate(watchForGaps);
    blocked = false;
    // As after a change of network. Otherwise the first retry is after 30 s.
    await page.evaluate("window.dispatchEvent(new Event('online'))");
    await dashboard.waitForFrames('webrtc', 10, 30_000);
    expect(await page.evaluate('window.camplaneGaps')).toEqual({ frames: expect.any(Number), gaps: 0 });
    expect(await page.getByText('Playing pictures').count()).toBe(0);
    expect(sockets).toHaveLength(1);
    await waitUntil(
      () => sockets.filter((socket) => !socket.isClosed()).length,
      (open) => open === 0,
      { what: 'the end of the pictures' },
    );
    expect(dashboard.takeErrors()).toEqual([]);
    await dashboard.close();
  });
});

/** The tests depend on each other, in order. */
describe('the wall in Chromium', () => {
  let page: Page;
  const sockets: WebSocket[] = [];

  beforeAll(async () => {
    const dashboard = await openDashboard(browser, camplane.url, {
      prepare: (opened) => {
        opened.on('websocket', (socket) => {
          if (socket.url().endsWith('/live')) sockets.push(socket);
        });
        return Promise.resolve();
      },
    });
    ({ page } = dashboard);
  });

  const layout = (count: number) => page.getByRole('radio', { name: String(count), exact: true });
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const expectTiles = async (list: string[]) => {
    const testIds = list.map((id) => `tile-${id}`).join();
    await waitUntil(
      () =>
        page.evaluate<string>(
          "[...document.querySelectorAll('.tile')].map(({ dataset }) => dataset.testid).join()",
        ),
      (shown) => shown === testIds,
      { what: `the tiles ${list.join()}` },
    );
  };

  it('plays every tile that is partly visible, and none outside the view', async () => {
    await waitUntil(
      () => page.evaluate<TileState[]>(tileStates),
      (tiles) => tiles.length === 25 && tiles.every((tile) => !tile.visible || tile.frames > 3),
      { what: 'frames on every visible tile', timeoutMs: 40_000 },
    );
    const hidden = (await page.evaluate<TileState[]>(tileStates)).filter(({ visible }) => !visible);
    expect(hidden.length).toBeGreaterThan(5);
    expect(hidden.filter(({ transport }) => transport !== null)).toEqual([]);
  });

  it('plays 25 tiles, some as video and the others as pictures over one WebSocket', async () => {
    await page.getByRole('link', { name: 'Wall', exact: true }).click();
    await layout(25).check();
    const before = await waitUntil(
      () => page.evaluate<TileState[]>(tileStates),
      (tiles) => tiles.length === 25 && tiles.every(({ frames }) => frames > 3),
      { what: 'frames on 25 tiles', timeoutMs: 60_000 },
    );
    expect(before.map(({ transport }) => transport)).toEqual(expect.arrayContaining(['webrtc', 'jpeg']));
    await waitUntil(
      () => page.evaluate<TileState[]>(tileStates),
      (tiles) => tiles.every(({ frames }, index) => frames > (before[index]?.frames ?? 0) + 3),
      { what: 'more frames on 25 tiles', timeoutMs: 20_000 },
    );
    expect(sockets.filter((socket) => !socket.isClosed())).toHaveLength(1);
    await page.getByText(/^Video for \d+ of 25 visible cameras, pictures for the others/).waitFor();
  });

  it('is arranged with the keyboard, and keeps its order and layout', async () => {
    await layout(4).check();
    await page.getByRole('switch', { name: 'Arrange' }).press('Space');
    await button(`Move ${firstId} later`).press('Enter');
    await page.locator('.toast', { hasText: 'cam-01 is at place 2 of 25.' }).waitFor();
    await button('Next page').press('Enter');
    await page.reload();
    await page.locator('.tile').first().waitFor();
    await expectTiles(['cam-02', 'cam-01', 'cam-03', 'cam-04']);
    await page.keyboard.press('PageUp');
    await expectTiles(['cam-25']);
    await page.keyboard.press('PageDown');
  });

  it('is arranged by dragging', async () => {
    await page.getByRole('switch', { name: 'Arrange' }).click();
    await page.getByTestId('tile-cam-04').dragTo(page.getByTestId('tile-cam-02'), {
      sourcePosition: { x: 20, y: 20 },
      targetPosition: { x: 20, y: 20 },
    });
    await expectTiles(['cam-04', 'cam-02', 'cam-01', 'cam-03']);
    await page.getByRole('switch', { name: 'Arrange' }).click();
  });

  it('turns its pages on a tour, which pauses while someone uses the page', async () => {
    await page.getByLabel('Time for each page of the tour').selectOption('5 s');
    await page.getByRole('switch', { name: 'Tour' }).press('Space');
    await page.getByText('Page 2 of 7').waitFor({ timeout: 8_000 });
    await page.mouse.wheel(0, 10);
    await page.getByRole('switch', { name: 'Tour paused' }).waitFor();
    await page.getByRole('switch', { name: 'Tour paused' }).press('Space');
    await page.getByRole('switch', { name: 'Tour', exact: true }).waitFor();
  });

  it('does not scroll sideways on a narrow phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await layout(25).check();
    await page.locator('.tile').nth(24).waitFor({ state: 'attached' });
    expect(
      await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
    ).toBe(0);
    const { width = 0 } = (await page.locator('.tile').first().boundingBox()) ?? {};
    expect(width).toBeGreaterThan(170);
  });
});

type TileState = { transport: string | null; frames: number; visible: boolean };

const tileStates = `[...document.querySelectorAll('.tile')].map((tile) => {
  const { dataset } = tile.querySelector('video');
  const { top, bottom } = tile.getBoundingClientRect();
  const transport = dataset.transport === 'none' ? null : (dataset.transport ?? null);
  return { transport, frames: Number(dataset.frames ?? 0), visible: bottom > 0 && top < innerHeight };
})`;

/** Counts the page's frames in which neither a picture nor a frame of the video was visible. */
const watchForGaps = `(() => {
  const seen = (window.camplaneGaps = { frames: 0, gaps: 0 });
  const look = () => {
    const video = document.querySelector('.stage video');
    const pictures = !document.querySelector('.stage canvas.pictures').hidden;
    const playing = video.classList.contains('shown') && video.readyState >= 2 && video.videoWidth > 0;
    seen.frames += 1;
    if (!pictures && !playing) seen.gaps += 1;
    requestAnimationFrame(look);
  };
  look();
})()`;

const averageColour = `(() => {
  const small = document.createElement('canvas');
  small.width = small.height = 1;
  const context = small.getContext('2d');
  context.drawImage(document.querySelector('canvas.pictures'), 0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
})()`;
