import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { findFootage } from '@camplane/camera-simulator/footage';
import { startChromium } from '@camplane/testkit/chromium';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { waitUntil } from '@camplane/testkit/wait-until';
import { cameraBody, startCamera } from './cameras.ts';
import { startCamplane } from '@camplane/testkit/camplane';
import { openDashboard, requireBuiltDashboard } from './dashboard-page.ts';
import type { DashboardPage } from './dashboard-page.ts';

// Recreates the screenshots in docs/images from a running dashboard: `node e2e/src/screenshots.ts`.

const folder = fileURLToPath(new URL('../../docs/images', import.meta.url));
const sizeMaxBytes = 500_000;

await requireBuiltDashboard();
const footage = await findFootage();
const [camplane, lobby, gate, street, browser] = await Promise.all([
  startCamplane({ environment: { DEMO_CAMERA: 'on' } }),
  startCamera({ width: 1280, height: 720, fps: 25 }),
  startCamera(),
  startCamera(
    footage ? { content: { kind: 'footage', file: footage }, width: 768, height: 576, fps: 10 } : {},
  ),
  startChromium(),
]);
try {
  await addCameras();
  await mkdir(folder, { recursive: true });
  await screenshot(browser, '/', { width: 1440, height: 900 }, 'dashboard', async ({ page }) => {
    await waitForTiles(page, 5);
    await gate.vanish();
    await page.locator('[data-testid="tile-gate"] [data-phase="ERROR"]').waitFor({ timeout: 30_000 });
  });
  await screenshot(browser, '/cameras/demo', { width: 1280, height: 800 }, 'camera', async (dashboard) => {
    await dashboard.waitForFrames('webrtc', 50, 30_000);
    await dashboard.page.getByRole('button', { name: 'Details' }).click();
    await dashboard.page.locator('#playback-details dd').nth(8).waitFor();
  });
  await screenshot(browser, '/', { width: 390, height: 844 }, 'phone', ({ page }) => waitForTiles(page, 2));
} finally {
  await browser.close();
  await camplane.dispose();
  await Promise.all([lobby.stop(), gate.stop(), street.stop()]);
}

/** One camera in each state that lasts. */
async function addCameras(): Promise<void> {
  await Promise.all([
    add('driveway', 'Driveway', street),
    add('gate', 'Gate', gate),
    add('lobby', 'Lobby', lobby),
    add('parking', 'Parking', street),
    add('storage', 'Storage', street, { lifecycle: { start: 'OnDemand', idleSeconds: 1 } }),
    add('workshop', 'Workshop', { url: 'test:mandelbrot' }, { source: { url: 'test:mandelbrot' } }),
    add('yard', 'Yard', lobby, {
      source: { url: lobby.url, credentials: { username: 'viewer', password: 'outdated' } },
    }),
  ]);
  const running = ['demo', 'driveway', 'gate', 'lobby', 'parking', 'workshop'];
  await Promise.all(running.map((id) => camplane.waitForPhase(id, 'RUNNING', 40_000)));
  // Leaves a snapshot of the on-demand camera.
  const storage = await openDashboard(browser, `${camplane.url}/cameras/storage`);
  await storage.waitForFrames('webrtc', 20, 20_000);
  await storage.close();
  await camplane.send('stopCamera', { id: 'parking' });
  await camplane.waitForPhase('parking', 'STOPPED');
  await camplane.waitForPhase('storage', 'IDLE');
}

function add(
  id: string,
  displayName: string,
  camera: { url: string },
  rest: Record<string, unknown> = {},
): Promise<void> {
  return camplane.createCamera({ ...cameraBody(id, camera), displayName, ...rest });
}

async function screenshot(
  from: TestBrowser,
  path: string,
  size: { width: number; height: number },
  name: string,
  prepare: (dashboard: DashboardPage) => Promise<void>,
): Promise<void> {
  const dashboard = await openDashboard(from, `${camplane.url}${path}`, size);
  await prepare(dashboard);
  await dashboard.page.mouse.move(0, 0);
  const png = await dashboard.page.screenshot({ fullPage: name === 'camera' });
  await dashboard.close();
  const file = join(folder, `${name}.png`);
  await writeWithPalette(png, file);
  const { size: bytes } = await stat(file);
  console.log(`${file}: ${Math.round(bytes / 1000)} kB`);
  if (bytes > sizeMaxBytes) throw new Error(`${file} is larger than ${sizeMaxBytes} bytes`);
}

async function waitForTiles(page: Page, count: number): Promise<void> {
  await waitUntil(
    () =>
      page.evaluate<number>(
        "[...document.querySelectorAll('.tile video.shown')].filter((video) => Number(video.dataset.frames) > 20).length",
      ),
    (live) => live >= count,
    { what: `${count} live tiles`, timeoutMs: 30_000 },
  );
}

/** A palette of 256 colours needs a third of the bytes. */
async function writeWithPalette(png: Buffer, file: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'camplane-screenshot-'));
  try {
    const output = join(work, 'output.png');
    const palette =
      'split[a][b];[a]palettegen=stats_mode=full[p];[b][p]paletteuse=dither=bayer:bayer_scale=4';
    const ffmpeg = spawn(
      'ffmpeg',
      ['-v', 'error', '-f', 'png_pipe', '-i', 'pipe:0', '-vf', palette, '-frames:v', '1', output],
      { stdio: ['pipe', 'inherit', 'inherit'] },
    );
    ffmpeg.stdin.end(png);
    const [code] = (await once(ffmpeg, 'close')) as [number | null];
    if (code !== 0) throw new Error(`ffmpeg exited with code ${code}`);
    await copyFile(output, file);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
