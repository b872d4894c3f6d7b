import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cameraZoo } from '@camplane/camera-simulator/zoo/camera-zoo';
import { modesOf } from '@camplane/camera-simulator/zoo/zoo-row';
import type { ZooRow } from '@camplane/camera-simulator/zoo/zoo-row';
import { startCamplane } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { startChromium } from '@camplane/testkit/chromium';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { startPlayerServer } from '@camplane/testkit/player-page';
import type { PlayerServer } from '@camplane/testkit/player-page';
import { followEvents } from '@camplane/testkit/follow-events';
import type { EventFollower } from '@camplane/testkit/follow-events';
import { startAiService } from './ai-service.ts';
import { createLimit } from './limited.ts';
import { playRow } from './play-row.ts';
import type { ZooRun } from './play-row.ts';

const camerasAtOnce = { least: 6, most: 12 };

/** Rows that Chromium plays too, in one mode each. */
const playedInChromium = new Set([
  'login-digest-sha256',
  'stamps-back-an-hour',
  'stamps-forward-an-hour',
  'two-pictures-a-second',
  'h264-size-changes',
  'sound-silent',
  'multipart',
  'snapshot',
]);

/** ZOO=NAME or a part of names runs these rows alone; FFMPEG_BIN runs them with another FFmpeg. */
const { ZOO = '', FFMPEG_BIN } = process.env;

function runsOf(row: ZooRow): ZooRun[] {
  const sounds = row.sound ?? ['off'];
  return modesOf(row).flatMap((mode) => sounds.map((sound) => ({ row, mode, sound })));
}

/** The groups of the zoo in four test files of about the same length: one that fails is repeated alone. */
const parts = {
  connections: ['Login', 'Session description and tracks'],
  sessions: ['Requests and sessions', 'TLS', 'Sound'],
  times: ['Timing', 'Timestamps', 'Video'],
  pictures: ['MJPEG over HTTP', 'Forms of JPEG', 'Snapshots', 'HLS sources'],
};

/** Plays every row of a part of the zoo, in one Camplane, as tests of the calling file. */
export function testZoo(part: keyof typeof parts): void {
  jest.setTimeout(900_000);
  const all = Object.values(parts).flat().sort();
  const groups = cameraZoo
    .filter(({ title }) => parts[part].includes(title))
    .map(({ title, rows }) => ({
      title,
      runs: rows.filter(({ name }) => name.includes(ZOO)).flatMap(runsOf),
    }))
    .filter(({ runs }) => runs.length > 0);
  it('is in one of the four files with every group', () => {
    expect(all).toEqual(cameraZoo.map(({ title }) => title).sort());
  });
  if (groups.length > 0) testRuns(groups);
}

function testRuns(groups: { title: string; runs: ZooRun[] }[]): void {
  const runs = groups.flatMap((group) => group.runs);
  const results = new Map<ZooRun, Promise<void>>();
  let ai: Awaited<ReturnType<typeof startAiService>>;
  let camplane: Camplane;
  let events: EventFollower;
  let browser: TestBrowser;
  let server: PlayerServer;

  beforeAll(async () => {
    [ai, browser, server] = await Promise.all([startAiService(), startChromium(), startPlayerServer()]);
    camplane = await startCamplane({
      environment: {
        AI_SERVICE_URL: ai.url,
        CAMPLANE_ALLOWED_ORIGINS: server.origin,
        ...(FFMPEG_BIN === undefined ? {} : { FFMPEG_BIN }),
      },
    });
    events = await followEvents(camplane.url);
    const limit = createLimit(camerasAtOnce);
    for (const run of [...runs].sort((a, b) => secondsOf(b) - secondsOf(a))) {
      const isPlayed = run.mode !== 'overlay' && playedInChromium.has(run.row.name);
      const result = limit(() =>
        playRow(run, { camplane, events, player: isPlayed ? { browser, server } : null }),
      );
      result.catch(() => undefined);
      results.set(run, result);
    }
  });

  afterAll(async () => {
    await Promise.allSettled(results.values());
    events.close();
    await browser.close();
    await server.close();
    await camplane.dispose();
    await ai.stop();
  });

  // The cameras run side by side; each test reports one of them.
  describe.each(groups)('$title', (group) => {
    it.each(group.runs.map((run) => [run.row.name, run.mode, run.sound, run] as const))(
      '%s in mode %s with sound %s',
      async (_name, _mode, _sound, run) => {
        await results.get(run);
      },
    );
  });
}

/** How long a run takes, about: long ones start first. */
function secondsOf({ row }: ZooRun): number {
  const { withinSeconds = 20 } = row.expected.kind === 'plays' ? row.expected : {};
  return withinSeconds + (row.checkAfterSeconds ?? 0);
}
