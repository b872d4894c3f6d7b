import { startZooCamera } from '@camplane/camera-simulator/zoo/zoo-camera';
import { outcomeOf } from '@camplane/camera-simulator/zoo/zoo-row';
import type { ZooCamera, ZooMode, ZooOutcome, ZooRow } from '@camplane/camera-simulator/zoo/zoo-row';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { Camplane } from '@camplane/testkit/camplane';
import type { TestBrowser } from '@camplane/testkit/chromium';
import type { EventFollower } from '@camplane/testkit/follow-events';
import { openPlayerPage } from '@camplane/testkit/player-page';
import type { PlayerServer } from '@camplane/testkit/player-page';
import { clipCacheFolder } from '@camplane/testkit/temporary-folder';
import { waitUntil } from '@camplane/testkit/wait-until';
import { setTimeout as delay } from 'node:timers/promises';
import { readPictures } from './read-pictures.ts';
import type { PicturesRead } from './read-pictures.ts';

/** A row of the zoo in a mode, with sound on or off. */
export type ZooRun = { row: ZooRow; mode: ZooMode; sound: 'off' | 'on' };

export type ZooTools = {
  camplane: Camplane;
  events: EventFollower;
  /** Null: WebRTC is not played. MediaMTX allows the pages of the server to play. */
  player: { browser: TestBrowser; server: PlayerServer } | null;
};

type Plays = Extract<ZooOutcome, { kind: 'plays' }>;

/** Added to the time limits of the table, which are those of an idle machine. */
const busyMs = 60_000;

/** Adds the camera to Camplane as a user does, and checks what the table promises. Throws what is not as promised. */
export async function playRow(run: ZooRun, tools: ZooTools): Promise<void> {
  const { row, mode, sound } = run;
  const id = `${row.name}-${mode}-${sound}`;
  const camera = await startZooCamera(row.camera, { cacheFolder: clipCacheFolder() });
  try {
    await tools.camplane.createCamera({
      id,
      source: { url: camera.url, credentials: camera.credentials, transport: row.transport ?? 'tcp' },
      video: { mode },
      audio: { enabled: sound === 'on' },
      frames: { fps: 1, width: 320 },
      detection: { detectors: ['http'] },
    });
    const outcome = outcomeOf(row, mode);
    if (outcome.kind === 'plays') await expectPlaying(id, run, outcome, tools);
    else await expectFailure(id, outcome, tools.camplane);
  } finally {
    await tools.camplane.send('deleteCamera', { id });
    await camera.stop();
  }
}

async function expectFailure(
  id: string,
  { reason, says = '' }: Extract<ZooOutcome, { kind: 'fails' }>,
  { status }: Camplane,
): Promise<void> {
  const failed = await waitUntil(
    () => status(id),
    ({ phase, reason: now }) => phase !== 'RUNNING' && now === reason,
    { what: `no video, with reason ${reason}`, timeoutMs: 30_000 + busyMs, intervalMs: 200 },
  );
  if (!failed.message.includes(says)) throw new Error(`the message does not name ${says}: ${failed.message}`);
  const isReady = failed.conditions.some((one) => one.type === 'Ready' && one.status === 'True');
  if (isReady) throw new Error('the camera is Ready though it fails');
}

async function expectPlaying(
  id: string,
  { row, sound }: ZooRun,
  outcome: Plays,
  { camplane, events, player }: ZooTools,
): Promise<void> {
  await waitUntil(
    () => camplane.status(id),
    ({ phase }) => phase === 'RUNNING',
    { what: 'phase RUNNING', timeoutMs: outcome.withinSeconds * 1000 + busyMs, intervalMs: 200 },
  );
  await delay((row.checkAfterSeconds ?? 0) * 1000);
  const fps = framesPerSecond(row.camera);
  const { rtsp, hls, webrtc } = (await camplane.status(id)).endpoints;
  const playsInBrowsers = (outcome.browser ?? 'True') === 'True';
  await all([
    expectPictures('RTSP', row, rtsp, fps, sound),
    playsInBrowsers && row.stopsHls !== true && expectPictures('HLS', row, hls, fps, 'off'),
    playsInBrowsers && player !== null && expectWebRtc(player, `${webrtc}/whep`, fps),
    outcome.frames !== false && expectDetection(id, events, fps),
  ]);
  await waitUntil(
    async () => deviationsOf(await camplane.status(id), outcome),
    (deviations) => deviations.length === 0,
    { what: 'the status of a camera that plays', timeoutMs: 15_000 + busyMs, intervalMs: 200 },
  );
}

/** Waits for every check, also after a failure: none may outlive its camera. Throws the first failure. */
async function all(checks: (Promise<void> | false)[]): Promise<void> {
  const started = checks.filter((check) => check !== false);
  await Promise.allSettled(started);
  await Promise.all(started);
}

async function expectDetection(id: string, events: EventFollower, fps: number): Promise<void> {
  const fromMs = Date.now();
  await waitUntil(
    () => events.detectionsOf(id).filter(({ receivedAt }) => receivedAt > fromMs - 5000),
    (found) => found.length > 0,
    { what: 'a frame at detection', timeoutMs: 20_000 + 3000 / fps + busyMs, intervalMs: 200 },
  );
}

/** What of a status is not as the table promises. */
function deviationsOf({ phase, conditions }: CameraStatus, outcome: Plays): string[] {
  const phases = phase === 'RUNNING' ? [] : [`phase ${phase}`];
  const untrue = conditions
    .filter(
      ({ type, status }) => status !== (type === 'BrowserPlayable' ? (outcome.browser ?? 'True') : 'True'),
    )
    .map(({ type, status, reason }) => `${type} ${status} ${reason}`);
  return [...phases, ...untrue];
}

type Expected = { row: ZooRow; fps: number; count: number; sound: 'off' | 'on' };

/** Reads the path until a reading is as promised: a backlog of the start may come in a burst, or a machine be busy. */
async function expectPictures(
  protocol: 'RTSP' | 'HLS',
  row: ZooRow,
  url: string,
  fps: number,
  sound: 'off' | 'on',
): Promise<void> {
  const count = Math.max(2, Math.min(60, Math.round(fps * 2.5)));
  const deadlineMs = performance.now() + 15_000 + (count * 3000) / fps + gapMs(row.camera) + busyMs;
  for (;;) {
    const leftMs = deadlineMs - performance.now();
    const problem = problemOf(await readPictures(url, count, leftMs), { row, fps, count, sound });
    if (problem === null) return;
    if (performance.now() + 500 > deadlineMs) throw new Error(`${protocol}: ${problem}`);
    // The first segment of HLS ends with the second key frame; until then MediaMTX answers with an error.
    await delay(500);
  }
}

function problemOf(read: PicturesRead, { row, fps, count, sound }: Expected): string | null {
  const seen = `${read.times.length} of ${count} pictures`;
  if (read.times.length < count) return `${seen}: ${read.output}`;
  if (read.errors.length > 0 && row.hasArtefacts !== true) return `${seen}: ${read.errors.join('; ')}`;
  if (sound === 'on' && row.publishesSound === true && read.soundPackets === 0) return `${seen}, no sound`;
  // By timestamps, not by arrival: a busy machine delays pictures, but does not change their times.
  const shownSeconds = (read.times.at(-1) ?? 0) - (read.times[0] ?? 0);
  const rate = (count - 1) / shownSeconds;
  const isWrong = count >= 10 && (rate > fps * 1.8 || rate < fps / 4);
  return isWrong ? `${seen}: ${rate.toFixed(1)} per second instead of ${fps}` : null;
}

async function expectWebRtc(
  { browser, server }: NonNullable<ZooTools['player']>,
  url: string,
  fps: number,
): Promise<void> {
  const page = await openPlayerPage(browser, { kind: 'whep', url }, { server });
  try {
    await page.waitForFrames(Math.max(2, Math.round(fps)), 20_000 + busyMs);
  } finally {
    await page.close();
  }
}

function framesPerSecond(camera: ZooCamera): number {
  switch (camera.kind) {
    case 'rtsp':
      return camera.video?.fps ?? 10;
    case 'multipart':
      return camera.fps ?? 10;
    case 'snapshot':
      return 1 / Math.max(0.5, (camera.answerMs ?? 0) / 1000, camera.changesEverySeconds ?? 0);
    case 'hls':
      return 10;
  }
}

/** The key-frame interval, twice. */
function gapMs(camera: ZooCamera): number {
  return camera.kind === 'rtsp' ? (camera.video?.keyFrameSeconds ?? 1) * 2000 : 0;
}
