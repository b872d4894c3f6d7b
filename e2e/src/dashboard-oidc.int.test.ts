import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operationPath } from '@camplane/contracts/operations';
import { startCamplane, testAdministrator } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { startChromium } from '@camplane/testkit/chromium';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { freePort } from '@camplane/testkit/free-port';
import { startTestIssuer } from '@camplane/testkit/test-issuer';
import type { TestIssuer } from '@camplane/testkit/test-issuer';
import { waitUntil } from '@camplane/testkit/wait-until';
import { openDashboard, requireBuiltDashboard } from './dashboard-page.ts';
import type { DashboardPage } from './dashboard-page.ts';

jest.setTimeout(90_000);

describe('signing in with OpenID Connect in Chromium', () => {
  let camplane: Camplane;
  let issuer: TestIssuer;
  let browser: TestBrowser;
  let dashboard: DashboardPage;

  beforeAll(async () => {
    await requireBuiltDashboard();
    const port = await freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    issuer = await startTestIssuer(`${publicUrl}${operationPath('finishOidc')}`);
    [camplane, browser] = await Promise.all([
      startCamplane({
        access: 'on',
        environment: {
          HTTP_PORT: String(port),
          CAMPLANE_PUBLIC_URL: publicUrl,
          OIDC_ISSUER: issuer.url,
          OIDC_CLIENT_ID: issuer.client.id,
          OIDC_CLIENT_SECRET: issuer.client.secret,
          OIDC_SCOPES: 'openid profile email groups',
          OIDC_NAME: 'Example ID',
          CAMPLANE_ROLE_MAPPING: 'guards=viewer@label:site=north',
        },
      }),
      startChromium(),
    ]);
    for (const site of ['north', 'south']) {
      await camplane.createCamera({
        id: site,
        displayName: `The ${site}`,
        labels: { site },
        enabled: false,
        source: { url: 'test:testsrc2' },
      });
    }
  });

  afterEach(async () => {
    expect(dashboard.takeErrors()).toEqual([]);
    await dashboard.close();
  });

  afterAll(async () => {
    await browser?.close();
    await camplane?.dispose();
    await issuer?.stop();
  });

  const signIn = async () => {
    dashboard = await openDashboard(browser, camplane.url);
    await dashboard.page.getByRole('link', { name: 'Sign in with Example ID', exact: true }).click();
    return dashboard.page;
  };

  it('shows that it cannot reach the issuer, and accepts passwords meanwhile', async () => {
    await issuer.pause();
    const page = await signIn();
    await page.getByText('Camplane cannot reach Example ID').waitFor();
    await page.getByLabel('User name', { exact: true }).fill(testAdministrator.username);
    await page.getByLabel('Password', { exact: true }).fill(testAdministrator.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByTestId('tile-south').waitFor();
    await issuer.resume();
    // A failure is remembered for two seconds, and sign-ins per minute are limited.
    await waitUntil(
      async () => {
        const response = await fetch(`${camplane.url}${operationPath('startOidc')}`, { redirect: 'manual' });
        return response.headers.get('location') ?? '';
      },
      (location) => location.startsWith(issuer.url),
      { what: 'the issuer is reachable again', timeoutMs: 20_000, intervalMs: 500 },
    );
  });

  it('shows a user the cameras of their groups, and no other', async () => {
    issuer.signsIn({ sub: 'sam-1', preferred_username: 'sam', name: 'Sam', groups: ['guards'] });
    const page = await signIn();
    await page.getByTestId('tile-north').waitFor();
    expect(await page.locator('[data-testid^="tile-"] h2').allTextContents()).toEqual(['The north']);
    expect(new URL(page.url()).pathname).toBe('/');
  });

  it('shows a user without a mapped group that they have no access', async () => {
    issuer.signsIn({ sub: 'eve-1', preferred_username: 'eve', name: 'Eve', groups: ['others'] });
    const page = await signIn();
    await page.getByText('none of your groups has access').waitFor();
    expect(await page.getByLabel('Password', { exact: true }).isVisible()).toBe(true);
  });
});
