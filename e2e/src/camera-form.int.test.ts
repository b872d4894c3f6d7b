import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { startChromium } from '@camplane/testkit/chromium';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { openDashboard, requireBuiltDashboard } from './dashboard-page.ts';
import type { DashboardPage } from './dashboard-page.ts';

jest.setTimeout(60_000);

describe('the camera form in Chromium', () => {
  let camplane: Camplane;
  let browser: TestBrowser;
  let dashboard: DashboardPage;
  let page: Page;

  beforeAll(async () => {
    await requireBuiltDashboard();
    [camplane, browser] = await Promise.all([startCamplane(), startChromium()]);
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
});
