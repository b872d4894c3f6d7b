import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { startChromium } from '@camplane/testkit/chromium';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { waitUntil } from '@camplane/testkit/wait-until';
import { cameraBody, startStreet } from './cameras.ts';
import { openDashboard, requireBuiltDashboard } from './dashboard-page.ts';
import type { DashboardPage } from './dashboard-page.ts';

jest.setTimeout(120_000);

describe('detections in Chromium', () => {
  let camplane: Camplane;
  let street: SimulatedCamera;
  let browser: TestBrowser;
  let dashboard: DashboardPage;
  let page: Page;

  beforeAll(async () => {
    await requireBuiltDashboard();
    [camplane, street, browser] = await Promise.all([startCamplane(), startStreet(), startChromium()]);
    await camplane.createCamera(cameraBody('street', street));
    await camplane.waitForPhase('street', 'RUNNING');
    dashboard = await openDashboard(browser, `${camplane.url}/cameras/street`);
    page = dashboard.page;
    page.setDefaultTimeout(30_000);
  });

  afterAll(async () => {
    await browser?.close();
    await camplane?.dispose();
    await street?.stop();
  });

  const boxes = () => page.getByTestId('boxes').first();
  const drawn = async () => Number((await boxes().getAttribute('data-boxes')) ?? 0);

  it('shows boxes over live video in copy mode, and hides them on request', async () => {
    await dashboard.waitForFrames('webrtc', 10, 30_000);
    await waitUntil(drawn, (count) => count > 0, { what: 'a box over the video', timeoutMs: 45_000 });
    // The canvas covers the video.
    const [over, video] = await Promise.all([
      boxes().boundingBox(),
      page.locator('video').first().boundingBox(),
    ]);
    expect(over?.width).toBeGreaterThan((video?.width ?? Infinity) * 0.9);
    await page.getByRole('switch', { name: 'Boxes' }).click();
    await waitUntil(
      async () => ((await boxes().count()) === 0 ? 0 : drawn()),
      (count) => count === 0,
      { what: 'no boxes', timeoutMs: 10_000 },
    );
    await page.getByRole('switch', { name: 'Boxes' }).click();
    await waitUntil(drawn, (count) => count > 0, { what: 'boxes again', timeoutMs: 45_000 });
  });

  it('lists detections live, and opens one with its image', async () => {
    await page.getByRole('link', { name: 'Detections', exact: true }).first().click();
    const list = page.getByTestId('detections');
    const entries = list.locator('[data-testid^="detection-"]');
    await entries.first().waitFor();
    const before = await entries.count();
    await waitUntil(
      () => entries.count(),
      (count) => count > before,
      {
        what: 'one more in the list',
        timeoutMs: 60_000,
      },
    );
    await entries.first().getByRole('link').first().click();
    await page.waitForURL('**/detections/*');
    await waitUntil(
      () => page.evaluate<number>("document.querySelector('main img')?.naturalWidth ?? 0"),
      (width) => width === 640,
      { what: 'the image of the detection', timeoutMs: 20_000 },
    );
    // The address can be reloaded.
    const address = page.url();
    await page.goto(address);
    await page.locator('main img').first().waitFor();
    expect(await page.locator('main').textContent()).toMatch(/person/i);
  });

  it('reports a detection that does not exist', async () => {
    await page.goto(`${camplane.url}/detections/00000000-0000-4000-8000-000000000000`);
    await page.getByRole('heading', { name: 'Detection not found' }).waitFor();
    dashboard.takeFailedRequests();
    expect(dashboard.takeErrors()).toEqual([]);
  });
});
