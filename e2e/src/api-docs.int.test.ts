import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operationPath } from '@camplane/contracts/operations';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { startChromium } from '@camplane/testkit/chromium';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { openDashboard, requireBuiltDashboard } from './dashboard-page.ts';
import type { DashboardPage } from './dashboard-page.ts';

jest.setTimeout(90_000);

describe('the page of the API in Chromium', () => {
  let camplane: Camplane;
  let browser: TestBrowser;
  let docs: DashboardPage;
  const hosts = new Set<string>();

  const open = async (width: number, cookie?: string): Promise<DashboardPage> =>
    openDashboard(browser, `${camplane.url}/docs`, {
      width,
      prepare: async (page) => {
        page.on('request', (request) => {
          const { protocol, host } = new URL(request.url());
          if (protocol !== 'data:') hosts.add(host);
        });
        await page.setExtraHTTPHeaders(cookie === undefined ? {} : { cookie });
      },
    });

  beforeAll(async () => {
    await requireBuiltDashboard();
    [camplane, browser] = await Promise.all([startCamplane({ access: 'on' }), startChromium()]);
  });
  afterEach(async () => {
    // Violations of the Content-Security-Policy are among them.
    expect(docs.takeErrors()).toEqual([]);
    await docs.close();
  });
  afterAll(async () => {
    await browser?.close();
    await camplane?.dispose();
  });

  it.each([390, 1280])('shows every group of operations without signing in at %d px', async (width) => {
    docs = await open(width);
    // Not a redirect to the folder of the files.
    expect(docs.page.url()).toBe(`${camplane.url}/docs`);
    const groups = docs.page.locator('.opblock-tag');
    await groups.first().waitFor();
    for (const tag of ['cameras', 'streams', 'detections', 'users']) {
      expect(await docs.page.locator(`.opblock-tag[data-tag="${tag}"]`).count()).toBe(1);
    }
    await groups.first().click();
    await docs.page.locator('.opblock').first().waitFor();
    await docs.page.locator('.opblock-summary-control').nth(1).click();
    await docs.page.locator('.responses-table').first().waitFor();
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    const folder = process.env['CAMPLANE_SCREENSHOTS'];
    if (folder) await docs.page.screenshot({ path: `${folder}/api-${width}.png`, fullPage: true });
    expect(await docs.page.evaluate<number>(overflow)).toBe(0);
    expect([...hosts]).toEqual([new URL(camplane.url).host]);
  });

  it('sends requests with the session of the dashboard', async () => {
    await camplane.createCamera({ id: 'yard', enabled: false, source: { url: 'test:testsrc2' } });
    docs = await open(1280, (await camplane.signIn()).cookie);
    const { page } = docs;
    await page.locator('.opblock-tag[data-tag="cameras"]').click();
    await page.locator('#operations-cameras-listCameras .opblock-summary-control').click();
    await page.locator('#operations-cameras-listCameras .try-out__btn').click();
    const answer = page.waitForResponse((response) => response.url().endsWith(operationPath('listCameras')));
    await page.locator('#operations-cameras-listCameras .execute').click();
    expect((await answer).status()).toBe(200);
    await page.locator('.live-responses-table').getByText('"yard"').waitFor();
  });
});
