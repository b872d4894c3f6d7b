import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { startChromium } from '@camplane/testkit/chromium';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { credentials, startCamera } from './cameras.ts';
import { openDashboard, requireBuiltDashboard } from './dashboard-page.ts';
import type { DashboardPage } from './dashboard-page.ts';

jest.setTimeout(60_000);

describe('the camera form in Chromium', () => {
  let camplane: Camplane;
  let browser: TestBrowser;
  let camera: SimulatedCamera;
  let dashboard: DashboardPage;
  let page: Page;

  beforeAll(async () => {
    await requireBuiltDashboard();
    [camplane, browser, camera] = await Promise.all([
      startCamplane(),
      startChromium(),
      startCamera({ codec: 'h265' }),
    ]);
    dashboard = await openDashboard(browser, `${camplane.url}/cameras/new`);
    page = dashboard.page;
  });

  afterEach(() => {
    expect(dashboard.takeErrors()).toEqual([]);
    expect(dashboard.takeFailedRequests()).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
    await camplane.dispose();
    await camera.stop();
  });

  const field = (name: string) => page.getByLabel(name, { exact: true });

  it('fills in the addresses of a common camera', async () => {
    await page.getByText('Address of a common camera').click();
    await field('Maker').selectOption('hikvision');
    await field('Host').fill('192.0.2.10');
    await field('Channel').fill('2');
    expect(await field('Stream address').inputValue()).toBe('rtsp://192.0.2.10:554/Streaming/Channels/201');
    const subAddress = page.locator('#field-subUrl');
    expect(await subAddress.inputValue()).toBe('rtsp://192.0.2.10:554/Streaming/Channels/202');
    await field('Maker').selectOption('go2rtc');
    await field('Stream name').fill('yard');
    expect(await field('Stream address').inputValue()).toBe('rtsp://192.0.2.10:8554/yard');
    expect(await subAddress.inputValue()).toBe('');
  });

  it('explains what a camera sends, problems first, and offers the mode that suits', async () => {
    await field('Stream address').fill(camera.url);
    await page.locator('#field-username').fill(credentials.username);
    await page.locator('#field-password').fill(credentials.password);
    await page.getByRole('button', { name: 'Test source' }).click();
    const probe = page.locator('.probe');
    await probe.waitFor({ timeout: 40_000 });
    const text = (await probe.innerText()).replace(/\s+/g, ' ');
    expect(text).toMatch(/^The source works, with limits: The camera sends H\.265.*Use transcode/);
    for (const part of ['H.265 Main', '640 × 360', 'Key frames every', 'Bit rate', 'Login', 'Timing']) {
      expect(text).toContain(part);
    }
    await probe.getByText('Browsers, HomeKit, detection and cost').click();
    expect(await probe.innerText()).toContain('Mode copy takes about');
    await probe.getByRole('button', { name: 'Use transcode' }).click();
    expect(await page.getByLabel('Transcode').isChecked()).toBe(true);
  });
});
