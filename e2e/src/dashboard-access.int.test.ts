import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { operationPath } from '@camplane/contracts/operations';
import { startCamplane, testAdministrator } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { startChromium } from '@camplane/testkit/chromium';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { readFrames } from '@camplane/testkit/read-stream';
import { waitUntil } from '@camplane/testkit/wait-until';
import { unnamedControls } from './accessible-names.ts';
import { cameraBody, startCamera } from './cameras.ts';
import { openDashboard, requireBuiltDashboard } from './dashboard-page.ts';
import type { DashboardPage } from './dashboard-page.ts';

jest.setTimeout(90_000);

const phone = { width: 390, height: 844 };
const desktop = { width: 1280, height: 800 };

/** The tests depend on each other, in order. Each page has its own cookies. */
describe('access control in Chromium', () => {
  let camplane: Camplane;
  let camera: SimulatedCamera;
  let browser: TestBrowser;
  /** The administrator's page, and the one of the viewer that they make. */
  let admin: DashboardPage;
  let viewer: DashboardPage;
  let viewerPassword = '';
  const opened: DashboardPage[] = [];

  beforeAll(async () => {
    await requireBuiltDashboard();
    [camplane, camera, browser] = await Promise.all([
      startCamplane({ access: 'on' }),
      startCamera(),
      startChromium(),
    ]);
    await camplane.createCamera(cameraBody('door', camera, { displayName: 'Front door' }));
    await camplane.createCamera(cameraBody('yard', camera, { displayName: 'Yard' }));
    await camplane.createCamera(
      cameraBody('safe', camera, { displayName: 'Safe', labels: { site: 'cellar' } }),
    );
    await Promise.all(['door', 'yard', 'safe'].map((id) => camplane.waitForPhase(id, 'RUNNING')));
  });

  afterEach(() => {
    for (const dashboard of opened) expect(dashboard.takeErrors()).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await camplane?.dispose();
    await camera?.stop();
  });

  const open = async (path: string, size = desktop): Promise<DashboardPage> => {
    const dashboard = await openDashboard(browser, `${camplane.url}${path}`, size);
    opened.push(dashboard);
    return dashboard;
  };
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
  const field = (page: Page, name: string) => page.getByLabel(name, { exact: true });
  const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });
  const tiles = (page: Page) => page.locator('[data-testid^="tile-"] h2').allTextContents();
  const signIn = async (page: Page, username: string, password: string) => {
    await field(page, 'User name').fill(username);
    await field(page, 'Password').fill(password);
    await button(page, 'Sign in').click();
  };
  const openMenu = (page: Page) => page.getByRole('button', { name: /account menu$/ }).click();

  it('signs in with the address of the start, once, and keeps its token out of the history', async () => {
    const welcome = await waitUntil(
      () => /http:\S+(\/welcome#\S+)/.exec(camplane.output())?.[1],
      (path) => path !== undefined,
      { what: 'the address of the start' },
    );
    admin = await open(welcome ?? '');
    await heading(admin.page, 'Cameras').waitFor();
    expect(admin.page.url()).toBe(`${camplane.url}/`);
    expect(await tiles(admin.page)).toEqual(['Front door', 'Safe', 'Yard']);
    expect(await admin.page.evaluate('history.length')).toBeLessThanOrEqual(2);

    const again = await open(welcome ?? '');
    await heading(again.page, 'Sign in').waitFor();
    expect(again.page.url()).toBe(`${camplane.url}/`);
    await expectText(again.page.locator('.notice'), 'already used');
    await expectText(again.page.locator('.login-help'), 'admin-password');
    await again.close();
  });

  it('says what is wrong with a login, and continues at the requested page with the keyboard alone', async () => {
    const { page, close } = await open('/cameras/door', phone);
    await field(page, 'User name').waitFor();
    expect(await page.evaluate("document.activeElement.getAttribute('name')")).toBe('username');
    expect(await field(page, 'User name').getAttribute('autocomplete')).toBe('username');
    expect(await field(page, 'Password').getAttribute('autocomplete')).toBe('current-password');
    await page.keyboard.type(testAdministrator.username);
    await page.keyboard.press('Tab');
    await page.keyboard.type('not the password');
    await page.keyboard.press('Enter');
    await expectText(page.getByRole('alert'), 'The user name or the password is wrong.');
    // The password is selected, so that typing replaces it.
    await page.keyboard.type(testAdministrator.password);
    await page.keyboard.press('Enter');
    await heading(page, 'Front door').waitFor();
    expect(page.url()).toBe(`${camplane.url}/cameras/door`);
    await close();
  });

  it('makes a viewer of two cameras in one form and shows the login once', async () => {
    const { page } = admin;
    await openMenu(page);
    await link(page, 'Users').click();
    await link(page, 'Add user').click();
    await field(page, 'User name').fill('Anna');
    await button(page, 'Add user').click();
    await expectText(page.locator('.field-error'), 'Must name at least one camera.');
    await field(page, 'Front door').check();
    expect(await page.locator('.field-error').count()).toBe(0);
    await field(page, 'Yard').check();
    await button(page, 'Add user').click();
    await heading(page, 'anna can sign in now').waitFor();
    expect(await field(page, 'Address').inputValue()).toBe(camplane.url);
    expect(await field(page, 'User name').inputValue()).toBe('anna');
    viewerPassword = await field(page, 'Password').inputValue();
    expect(viewerPassword.length).toBeGreaterThan(20);
    await link(page, 'All users').click();
    await expectText(page.locator('.row', { hasText: 'anna' }), 'viewer of Front door and Yard');
    expect(await page.locator('main').innerText()).not.toContain(viewerPassword);
  });

  it('shows the viewer those two cameras and nothing that they may not do', async () => {
    viewer = await open('/', phone);
    const { page } = viewer;
    await signIn(page, 'anna', viewerPassword);
    await heading(page, 'Cameras').waitFor();
    expect(await tiles(page)).toEqual(['Front door', 'Yard']);
    expect(await link(page, 'Add camera').count()).toBe(0);
    await openMenu(page);
    expect(await page.locator('.account-list a').allTextContents()).toEqual(['Account']);
    await page.keyboard.press('Escape');
    await link(page, 'Front door').click();
    await viewer.waitForFrames('webrtc', 10, 30_000);
    for (const name of ['Stop', 'Edit', 'Delete']) {
      expect(await page.locator('.page-head').getByText(name, { exact: true }).count()).toBe(0);
    }
    expect(await page.locator('main').innerText()).not.toContain(camera.url);
    for (const path of ['/cameras/safe', '/cameras/absent']) {
      await page.goto(`${camplane.url}${path}`);
      await heading(page, `Camera “${path.slice('/cameras/'.length)}” not found`).waitFor();
    }
    for (const path of ['/users', '/roles', '/audit', '/cameras/new', '/cameras/door/edit']) {
      await page.goto(`${camplane.url}${path}`);
      await heading(page, 'Page not found').waitFor();
    }
  });

  it('creates an RTSP address for one camera, and a token that is shown once and can be revoked', async () => {
    const { page } = viewer;
    await page.goto(`${camplane.url}/account?camera=yard`);
    await button(page, 'Create address').click();
    const address = await field(page, 'RTSP address').inputValue();
    expect(address).toMatch(/^rtsp:\/\/anna:cpl_[\w-]{43}@127\.0\.0\.1:\d+\/yard$/);
    expect(
      await readFrames({ url: address, pixelFormat: 'gray', frames: 3, width: 16, height: 16 }),
    ).toHaveLength(3);

    await button(page, 'Create token').click();
    await field(page, 'Name').fill('Home Assistant');
    expect(await page.getByRole('checkbox').count()).toBe(2);
    await page.locator('form[aria-label="New token"] button[type=submit]').click();
    const token = await field(page, 'Token').inputValue();
    const cameras = async () => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${camplane.url}${operationPath('listCameras')}`, { headers });
      const body = (await response.json()) as { items?: { id: string }[] };
      return { status: response.status, ids: body.items?.map(({ id }) => id) };
    };
    expect(await cameras()).toEqual({ status: 200, ids: ['door', 'yard'] });
    await page.reload();
    await expectText(page.locator('.row', { hasText: 'Home Assistant' }), 'expires');
    expect(await page.locator('main').innerText()).not.toContain(token);
    await page.getByRole('button', { name: 'Revoke Home Assistant' }).click();
    await button(page, 'Revoke token').click();
    await page.locator('.row', { hasText: 'Home Assistant' }).waitFor({ state: 'detached' });
    expect((await cameras()).status).toBe(401);
  });

  it('follows a change of rights without a reload, and ends with the account', async () => {
    const { page } = viewer;
    await page.goto(camplane.url);
    await page.getByTestId('tile-yard').waitFor();
    const loads = viewer.loads();
    await admin.page.goto(`${camplane.url}/users`);
    await admin.page.getByRole('link', { name: /^anna/ }).click();
    await field(admin.page, 'Yard').uncheck();
    await button(admin.page, 'Save').click();
    await heading(admin.page, 'Users').waitFor();
    await page.getByTestId('tile-yard').waitFor({ state: 'detached' });
    expect(await tiles(page)).toEqual(['Front door']);

    await admin.page.getByRole('link', { name: /^anna/ }).click();
    await admin.page.getByRole('radio', { name: /^Cameras with a label/ }).check();
    await field(admin.page, 'Label').fill('site');
    await field(admin.page, 'Value').fill('cellar');
    await button(admin.page, 'Save').click();
    await page.getByTestId('tile-safe').waitFor();
    await page.getByTestId('tile-door').waitFor({ state: 'detached' });

    await admin.page.getByRole('link', { name: /^anna/ }).click();
    await admin.page.getByRole('checkbox', { name: /^Enabled/ }).uncheck();
    await button(admin.page, 'Save').click();
    await heading(page, 'Sign in').waitFor();
    await expectText(page.locator('.notice'), 'Your session has ended.');
    expect(viewer.loads()).toBe(loads);
    await signIn(page, 'anna', viewerPassword);
    await page.getByRole('alert').waitFor();
  });

  it('resets a password, and shows a viewer without cameras who can help', async () => {
    const { page } = admin;
    await page.getByRole('link', { name: /^anna/ }).click();
    await page.getByRole('checkbox', { name: /^Enabled/ }).check();
    await field(page, 'Value').fill('nowhere');
    await button(page, 'Save').click();
    await page.getByRole('link', { name: /^anna/ }).click();
    await button(page, 'Reset password').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reset password' }).click();
    const password = await page.getByRole('textbox', { name: 'Password', exact: true }).inputValue();
    expect(password).not.toBe(viewerPassword);
    await signIn(viewer.page, 'anna', password);
    await expectText(viewer.page.locator('.empty'), 'Ask the administrator');
  });

  it('adds a role, and lists who did what', async () => {
    const { page } = admin;
    await page.goto(`${camplane.url}/roles`);
    await button(page, 'Add role').click();
    await field(page, 'Name').fill('Night-shift');
    await field(page, 'Start and stop cameras').check();
    await button(page, 'Save role').click();
    await expectText(page.locator('.row', { hasText: 'night-shift' }), 'May view and operate.');

    await page.goto(`${camplane.url}/audit`);
    await page.getByLabel('Outcome').selectOption('refused');
    await page.waitForURL('**/audit?outcome=refused');
    await expectText(page.locator('.audit'), 'Sign in');
    await field(page, 'User').fill('anna');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/audit?username=anna&outcome=refused');
    await waitUntil(
      () => page.locator('.audit-user').allTextContents(),
      (names) => names.length > 0 && names.every((name) => name === 'anna'),
      { what: 'entries of anna alone' },
    );
  });

  it('fits a phone and a desktop, with a name for every control', async () => {
    const user = (await camplane.client.listUsers()).items.find(({ username }) => username === 'anna');
    const paths = [
      '/',
      '/account',
      '/users',
      '/users/new',
      `/users/${user?.id}`,
      '/roles',
      '/audit',
      '/cameras/new',
    ];
    for (const size of [phone, desktop]) {
      await admin.page.setViewportSize(size);
      for (const path of paths) {
        await admin.page.goto(`${camplane.url}${path}`);
        await admin.page.locator('h1').waitFor();
        await admin.page.getByText('Loading').first().waitFor({ state: 'detached' });
        const widest = await admin.page.evaluate<number>('document.documentElement.scrollWidth');
        expect([path, widest]).toEqual([path, size.width]);
        expect([path, await unnamedControls(admin.page)]).toEqual([path, []]);
      }
    }
  });

  it('signs out, and shows nothing of the last user afterwards', async () => {
    const { page } = admin;
    await page.goto(`${camplane.url}/cameras/safe`);
    await heading(page, 'Safe').waitFor();
    await openMenu(page);
    await button(page, 'Sign out').click();
    await heading(page, 'Sign in').waitFor();
    expect(page.url()).toBe(`${camplane.url}/`);
    await page.goBack();
    await heading(page, 'Sign in').waitFor();
    expect(await page.locator('body').innerText()).not.toContain('Safe');
    expect(await page.evaluate(`fetch('${operationPath('listCameras')}').then(({ status }) => status)`)).toBe(
      401,
    );
  });
});

async function expectText(locator: Locator, text: string): Promise<void> {
  await waitUntil(
    async () => (await locator.allTextContents()).join('\n'),
    (found) => found.includes(text),
    { what: `the text ${text}` },
  );
}
