import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import { startChromium } from '@camplane/testkit/chromium';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { waitUntil } from '@camplane/testkit/wait-until';
import { cameraBody, credentials, startCamera } from './cameras.ts';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { openDashboard, requireBuiltDashboard } from './dashboard-page.ts';
import type { DashboardPage } from './dashboard-page.ts';

jest.setTimeout(60_000);

/**
 * A snapshot request can race with the deletion of its camera (404) or its first frame (503). Chromium logs both.
 */
const missingSnapshot = /status of (?:404|503) .*\/cameras\/[a-z-]+\/snapshot/;

/** The tests depend on each other, in order. */
describe('the dashboard in Chromium', () => {
  let camplane: Camplane;
  let camera: SimulatedCamera;
  let sub: SimulatedCamera;
  let browser: TestBrowser;
  let dashboard: DashboardPage;
  let page: Page;
  /** Failed requests that the current test causes on purpose. Others fail it. */
  let causedFailures: RegExp | null = null;

  beforeAll(async () => {
    await requireBuiltDashboard();
    [camplane, camera, sub, browser] = await Promise.all([
      startCamplane(),
      startCamera(),
      startCamera({ width: 320, height: 240 }),
      startChromium(),
    ]);
    dashboard = await openDashboard(browser, camplane.url);
    page = dashboard.page;
  });

  afterEach(() => {
    expect(dashboard.takeErrors()).toEqual([]);
    const failures = dashboard
      .takeFailedRequests()
      .filter((text) => causedFailures?.test(text) !== true && !missingSnapshot.test(text));
    causedFailures = null;
    expect(failures).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
    await camplane.dispose();
    await Promise.all([camera.stop(), sub.stop()]);
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const link = (name: string) => page.getByRole('link', { name, exact: true });
  const field = (name: string) => page.getByLabel(name, { exact: true });
  const badge = (phase: string) => page.locator(`.page-head [data-phase="${phase}"]`);
  const tile = (id: string) => page.getByTestId(`tile-${id}`);
  const viewers = async (id: string) => (await camplane.status(id)).viewerCount;

  it('tests a source with a wrong and a right password, adds it and plays it', async () => {
    const loads = dashboard.loads();
    await page.getByRole('heading', { name: 'No cameras yet' }).waitFor();
    await link('Add camera').click();
    await field('Stream address').fill(camera.url);
    await page.locator('#field-username').fill(credentials.username);
    await page.locator('#field-password').fill('wrong');
    await button('Test source').click();
    const probe = page.locator('.probe');
    await expectText(probe, 'refused the user name or password');
    await page.locator('#field-password').fill(credentials.password);
    await button('Test source').click();
    await expectText(probe, 'The source works.');
    await expectText(probe, 'H.264');
    await expectText(probe, '640 × 360');
    await waitUntil(
      () => page.evaluate<number>("document.querySelector('.probe img')?.naturalWidth ?? 0"),
      (width) => width > 0,
      { what: 'the frame of the source test' },
    );
    await page.locator('#field-subUrl').fill(sub.url);
    await page.locator('#field-displayName').fill('Front door');
    expect(await field('Id').inputValue()).toBe('front-door');
    await button('Add camera').click();
    await page.waitForURL('**/cameras/front-door');
    await badge('RUNNING').waitFor();
    await page.locator('.stage video.shown').waitFor();
    // Before the server reports its viewers.
    await expectText(page.locator('dt:text-is("Viewers") + dd'), '1', 1_000);
    await dashboard.waitForFrames('webrtc', 15);
    await expectText(page.locator('.stage-transport'), 'from the media server');
    expect(await dashboard.videoSize()).toEqual({ width: 640, height: 360 });
    expect(dashboard.loads()).toBe(loads);
  });

  it('shows and focuses an invalid field, and keeps everything typed', async () => {
    await page.goto(`${camplane.url}/cameras/new`);
    const good = {
      url: camera.url,
      username: credentials.username,
      password: credentials.password,
      displayName: '<img src=x onerror=alert(1)>',
      id: 'hostile',
      description: 'kept "as typed"\n<b>too</b>',
      framesFps: '5',
    };
    const control = (name: string) => page.locator(`#field-${name}`);
    for (const [name, value] of Object.entries(good)) await control(name).fill(value);
    const wrong = [
      ['url', ''],
      ['url', 'gopher://192.0.2.1/stream'],
      ['url', '-i /etc/passwd'],
      ['url', 'concat:/etc/passwd|/etc/group'],
      ['url', 'rtsp://192.0.2.1:99999/stream'],
      ['url', 'file:../../etc/passwd'],
      ['id', 'Front Door'],
      ['id', '../front-door'],
      ['id', 'front-door'],
      ['framesFps', 'many'],
      ['framesFps', '1e9'],
      ['displayName', 'x'.repeat(1000)],
    ] as const;
    causedFailures = /409/;
    for (const [name, value] of wrong) {
      await control(name).fill(value);
      await button('Add camera').click();
      await page.locator(`#field-${name}[aria-invalid="true"]:focus`).waitFor();
      const describedBy = (await control(name).getAttribute('aria-describedby')) ?? '';
      const error = page.locator('.field-error');
      expect(describedBy.split(' ')).toContain(await error.getAttribute('id'));
      expect((await error.textContent())?.length).toBeGreaterThan(8);
      for (const [other, typed] of Object.entries(good)) {
        expect(await control(other).inputValue()).toBe(other === name ? value : typed);
      }
      await control(name).fill(good[name]);
      expect(await error.count()).toBe(0);
    }
    expect((await camplane.send('readCamera', { id: 'hostile' })).status).toBe(404);
    // Markup in a name is shown as text.
    await button('Add camera').click();
    await page.getByRole('heading', { name: good.displayName, exact: true }).waitFor();
    await camplane.send('deleteCamera', { id: 'hostile' });
    await page.getByRole('heading', { name: 'Camera “hostile” not found' }).waitFor();
  });

  it('resumes video in the same connection after FFmpeg is killed', async () => {
    await openCamera('front-door');
    const connections = await dashboard.peerConnections();
    const [ffmpeg] = await camplane.ffmpegOf('front-door');
    if (!ffmpeg) throw new Error('FFmpeg is not running');
    process.kill(ffmpeg.pid, 'SIGKILL');
    await waitUntil(
      () => camplane.status('front-door'),
      (status) => status.restarts > 0 && status.phase === 'RUNNING',
      { what: 'running again' },
    );
    await dashboard.waitForFrames('webrtc', 30);
    await badge('RUNNING').waitFor();
    expect(await dashboard.peerConnections()).toBe(connections);
  });

  it('shows why a camera is down, and resumes playing after it returns', async () => {
    const connections = await dashboard.peerConnections();
    await camera.vanish();
    await page.locator('.page-head .badge:not([data-phase="RUNNING"])').waitFor();
    await expectText(page.locator('.state-reason'), 'The camera refused the connection.', 15_000);
    await camera.comeBack();
    await badge('RUNNING').waitFor({ timeout: 20_000 });
    await expectText(page.locator('.state-reason'), 'The camera is live.');
    await dashboard.waitForFrames('webrtc', 15);
    expect(await dashboard.peerConnections()).toBe(connections);
  });

  it('plays again within ten seconds after MediaMTX is killed', async () => {
    causedFailures = /whep|snapshot|50[23]/;
    const server = (await camplane.processes()).find(
      ({ command }) => command.includes('mediamtx') && command.includes(camplane.dataFolder),
    );
    if (!server) throw new Error('MediaMTX is not running');
    const connections = await dashboard.peerConnections();
    const loads = dashboard.loads();
    const before = await dashboard.frames();
    process.kill(server.pid, 'SIGKILL');
    const killedMs = performance.now();
    await waitUntil(
      async () => ({ connections: await dashboard.peerConnections(), frames: await dashboard.frames() }),
      (seen) => seen.connections > connections && seen.frames > before + 5,
      { what: 'a new connection', timeoutMs: 15_000 },
    );
    await dashboard.waitForFrames('webrtc', 5);
    expect(performance.now() - killedMs).toBeLessThan(10_000);
    await badge('RUNNING').waitFor();
    expect(dashboard.loads()).toBe(loads);
  });

  it('switches to the sub stream and back', async () => {
    await page.getByRole('radio', { name: 'Sub', exact: true }).check();
    await waitForSize(320, 240);
    await dashboard.waitForFrames('webrtc', 10);
    await page.getByRole('radio', { name: 'Main', exact: true }).check();
    await waitForSize(640, 360);
    await dashboard.waitForFrames('webrtc', 10);
  });

  it('ends its session when the user leaves the page', async () => {
    await waitUntil(
      () => viewers('front-door'),
      (count) => count === 1,
      { what: 'one viewer', timeoutMs: 5000 },
    );
    await page.goto(`${camplane.url}/cameras/new`);
    await waitUntil(
      () => viewers('front-door'),
      (count) => count === 0,
      { what: 'no viewer after leaving the site', timeoutMs: 5000 },
    );
    await openCamera('front-door');
    await waitUntil(
      () => viewers('front-door'),
      (count) => count === 1,
      { what: 'one viewer', timeoutMs: 5000 },
    );
    await link('Edit').click();
    await waitUntil(
      () => viewers('front-door'),
      (count) => count === 0,
      { what: 'no viewer after going to another page of the site', timeoutMs: 5000 },
    );
  });

  it('plays HLS and shows the reason when WebRTC is blocked', async () => {
    const blocked = await openDashboard(browser, `${camplane.url}/cameras/front-door`, {
      prepare: (blockedPage) => blockedPage.route('**/whep', (route) => route.abort()),
    });
    await blocked.waitForFrames('hls', 15, 30_000);
    await blocked.page.getByRole('button', { name: 'Details' }).click();
    const details = blocked.page.locator('#playback-details');
    await expectText(details, 'HLS');
    await expectText(details, 'WebRTC failed');
    await expectText(details, 'media server is unreachable');
    expect(blocked.takeErrors()).toEqual([]);
    await blocked.close();
  });

  it('edits, stops, starts and deletes a camera', async () => {
    await openCamera('front-door');
    await link('Edit').click();
    await page.locator('#field-displayName').fill('Lost');
    // Another editor is faster.
    causedFailures = /status of 412/;
    await camplane.client.updateCamera({ id: 'front-door', body: { description: 'By the gate' } });
    await button('Save').click();
    await page.getByText('Someone else has changed this camera').waitFor();
    await button('Reload').click();
    await waitUntil(
      () => page.locator('#field-description').inputValue(),
      (text) => text === 'By the gate',
      { what: "the other editor's change in the form", timeoutMs: 10_000 },
    );
    await page.locator('#field-displayName').fill('Back door');
    await button('Save').click();
    await page.getByRole('heading', { name: 'Back door', exact: true }).waitFor();
    await button('Stop').click();
    await badge('STOPPED').waitFor();
    await expectText(page.locator('.state-reason'), 'Turned off.');
    expect((await camplane.status('front-door')).phase).toBe('STOPPED');
    await button('Start').click();
    await badge('RUNNING').waitFor();
    await dashboard.waitForFrames('webrtc', 10);
    await button('Delete').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await button('Delete').click();
    await button('Delete camera').click();
    await page.getByRole('heading', { name: 'No cameras yet' }).waitFor();
    expect((await camplane.send('readCamera', { id: 'front-door' })).status).toBe(404);
  });

  it('shows live tiles and phases without starting on-demand cameras', async () => {
    // MediaMTX recreates the path once the video's codec is known.
    causedFailures = /status of 400 .*\/yard\/whep/;
    await camplane.createCamera(cameraBody('yard', camera));
    await camplane.createCamera(cameraBody('off', camera, { enabled: false }));
    await camplane.createCamera(
      cameraBody('waiting', camera, { lifecycle: { start: 'OnDemand', idleSeconds: 1 } }),
    );
    // New cameras appear without a reload.
    await tile('yard').locator('[data-phase="RUNNING"]').waitFor();
    await tile('off').locator('[data-phase="STOPPED"]').waitFor();
    await tile('waiting').locator('[data-phase="IDLE"]').waitFor();
    const yard = tile('yard').locator('video');
    await waitUntil(
      async () =>
        [Number(await yard.getAttribute('data-frames')), await yard.getAttribute('data-transport')] as const,
      ([frames, transport]) => frames > 15 && transport === 'webrtc',
      { what: 'a live tile over WebRTC', timeoutMs: 20_000 },
    );
    expect((await camplane.status('waiting')).phase).toBe('IDLE');
    await tile('waiting').getByRole('link').click();
    await dashboard.waitForFrames('webrtc', 10, 20_000);
    await badge('RUNNING').waitFor();
    await link('All cameras').click();
    await tile('waiting').locator('[data-phase="IDLE"]').waitFor({ timeout: 15_000 });
  });

  it('reaches every main action with the Tab key and shows the focus', async () => {
    await page.goto(camplane.url);
    await tile('yard').waitFor();
    const grid = await tabStops(page, 12);
    expect(grid.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Skip to content', 'Camplane', 'Add camera', 'yard', 'off', 'waiting']),
    );
    await page.goto(`${camplane.url}/cameras/yard`);
    await badge('RUNNING').waitFor();
    await dashboard.waitForFrames('webrtc', 1);
    const one = await tabStops(page, 14);
    expect(one.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['All cameras', 'Stop', 'Edit', 'Delete', 'Details', 'Full screen']),
    );
    expect([...grid, ...one].filter(({ visible }) => !visible)).toEqual([]);
    await button('Delete').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.locator('.button-quiet-danger:focus').waitFor();
  });

  it.each(['/', '/cameras/yard', '/cameras/yard/edit', '/cameras/new', '/cameras/nowhere', '/no/such/page'])(
    'does not scroll sideways on a narrow phone at %s',
    async (path) => {
      await page.setViewportSize({ width: 360, height: 740 });
      await page.goto(`${camplane.url}${path}`);
      await page.locator('main :is(h1, h2)').first().waitFor();
      if (path === '/cameras/yard') {
        await dashboard.waitForFrames('webrtc', 1);
        await page.getByRole('button', { name: 'Details' }).click();
      }
      expect(
        await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
      ).toBe(0);
      expect(await page.evaluate(overflowingElements)).toEqual([]);
    },
  );

  async function openCamera(id: string): Promise<void> {
    await page.goto(`${camplane.url}/cameras/${id}`);
    await dashboard.waitForFrames('webrtc', 10);
  }

  async function waitForSize(width: number, height: number): Promise<void> {
    await waitUntil(
      () => dashboard.videoSize(),
      (size) => size.width === width && size.height === height,
      { what: `video of ${width}×${height}` },
    );
  }
});

async function expectText(locator: Locator, text: string, timeoutMs = 10_000): Promise<void> {
  await waitUntil(
    () => locator.textContent({ timeout: 1000 }),
    (seen) => seen?.includes(text) === true,
    { what: `the text “${text}”`, timeoutMs },
  );
}

type TabStop = { name: string; visible: boolean };

/** The elements that Tab reaches from the top of the page, and whether their focus is visible. */
async function tabStops(page: Page, count: number): Promise<TabStop[]> {
  const stops: TabStop[] = [];
  for (let stop = 0; stop < count; stop += 1) {
    await page.keyboard.press('Tab');
    stops.push(await page.evaluate<TabStop>(focused));
  }
  return stops;
}

const focused = `(() => {
  const element = document.activeElement;
  const outlined = (node) => node && getComputedStyle(node).outlineStyle !== 'none';
  const { width, height } = element.getBoundingClientRect();
  const name = element === document.body ? 'body' : (element.getAttribute('aria-label') ?? element.textContent).trim();
  // A tile is outlined as a whole, a radio button with its label. The skip link appears on focus.
  const visible = element === document.body || outlined(element) || outlined(element.closest('.tile')) ||
    outlined(element.nextElementSibling) || element.classList.contains('skip-link');
  return { name, visible: Boolean(visible) && (element === document.body || (width > 0 && height > 0)) };
})()`;

/** Elements that are cut off although the page does not scroll. */
const overflowingElements = `[...document.querySelectorAll('button, a, input, select, textarea, h1, h2, p')]
  .filter((element) => !element.closest('.visually-hidden, .skip-link') && element.getBoundingClientRect().right > innerWidth + 1)
  .map((element) => element.outerHTML.slice(0, 120))`;
