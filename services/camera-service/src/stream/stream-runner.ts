import { setTimeout as delay } from 'node:timers/promises';
import type { VideoStatus } from '@camplane/contracts/camera-status';
import { cameraPath } from '@camplane/mediamtx/camera-path';
import type { Slate } from '@camplane/mediamtx/camera-path';
import type { PathObservation } from '@camplane/mediamtx/path-keeper';
import { createLogLimiter } from '@camplane/runtime/log-limiter';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { supervise } from '@camplane/supervisor/supervise';
import type { RunContext } from '@camplane/supervisor/supervise';
import { mediaServerTracks } from '../slate/media-server-tracks.ts';
import { createPathSlate } from '../slate/path-slate.ts';
import { publishSlate } from '../slate/publish-slate.ts';
import { slateText } from '../slate/slate-text.ts';
import { phaseOf } from '../status/phase.ts';
import type { StreamFacts } from '../status/stream-facts.ts';
import type { Picture } from '../tap/latest-picture.ts';
import { createTap } from '../tap/tap.ts';
import { createFailureLog } from './failure-log.ts';
import { createFrameRateMeter } from './frame-rate-meter.ts';
import { lookAtSource } from './look-at-source.ts';
import { createOwnReaders } from './own-readers.ts';
import type { Reader } from './own-readers.ts';
import { runSession } from './run-session.ts';
import type { StreamDependencies } from './stream-dependencies.ts';
import { planStream } from './stream-plan.ts';
import type { StreamPlan } from './stream-plan.ts';
import { hidesOtherParts, needsRestart } from './stream-settings.ts';
import type { StreamSettings } from './stream-settings.ts';
import { applyDemand, isWanted, noDemand } from './viewer-demand.ts';

/** One stream of a camera (main or sub): its path at MediaMTX, its supervised FFmpeg, its tap. */
export type StreamRunner = {
  apply(settings: StreamSettings): void;
  /** Someone asked for a start by hand: ends a pause between attempts. */
  startNow(): void;
  /** A reader was let in by MediaMTX: a viewer starts an on-demand stream at once. */
  readerArrived(reader: Reader): void;
  /** What MediaMTX said of the path, about once a second; undefined if it does not know it. */
  observe(observation: PathObservation | undefined): void;
  facts(): StreamFacts;
  viewers(): { total: number; webrtc: number; hls: number };
  stop(): Promise<void>;
};

const sourceTimeoutMs = 5000;
const mediaServerWaitMs = 10_000;

export function createStreamRunner(
  initial: StreamSettings,
  dependencies: StreamDependencies,
  events: { onChange(): void; onPicture(picture: Picture): void; onNoPicture(): void },
): StreamRunner {
  const { clock, paths, slates, log, metrics } = dependencies;
  let settings = initial;
  let demand = applyDemand(
    noDemand,
    { type: 'configured', mode: initial.lifecycle, idleMs: initial.idleMs },
    clock.now(),
  );
  let plan: StreamPlan | null = null;
  let observation: PathObservation | undefined;
  /** What was published when frames last flowed: kept while the slate is on the path. */
  let video: VideoStatus | null = null;
  let viewersSeen = 0;
  let stopped = false;
  /** Whether viewers can come: MediaMTX has the path. */
  let announced = false;
  const ownReaders = createOwnReaders();
  const meter = createFrameRateMeter();
  const labels = { camera: initial.cameraId, stream: initial.quality };

  const tap = createTap({
    path: initial.path,
    dependencies,
    onPicture: (picture) => {
      // The tap stops with the video; a picture already on its way may be the slate's.
      if (isLive()) events.onPicture(picture);
    },
  });

  const slate = createPathSlate({
    path: initial.path,
    files: slates,
    publish: (file, signal) =>
      publishSlate({
        ffmpegPath: dependencies.ffmpegPath,
        file,
        target: dependencies.publishUrl(initial.path),
        signal,
      }),
    onError: (error) => log.debug({ ...labels, err: error }, 'the slate could not be brought up to date'),
  });
  const logFailures = createFailureLog(log, labels);
  const limitLines = createLogLimiter({ perMinute: 5, now: () => clock.now() });
  const session = {
    // Read anew by the session: a change of frames or of what is drawn needs no restart.
    frames: () => settings.frames,
    drawing: () => ({ overlay: settings.overlay, cameraName: settings.displayName }),
    onPicture: (picture: Picture) => {
      if (isLive()) events.onPicture(picture);
    },
    onDropped: (count: number) => metrics.dropped.inc({ ...labels, stage: 'overlay' }, count),
    onStderrLine: (line: string) => {
      for (const passed of limitLines(line)) log.debug(labels, passed);
    },
  };
  let wasLive = false;
  let wasUp = paths.up;

  const supervisor = supervise({
    runOnce,
    policy: dependencies.policy,
    clock,
    random: dependencies.random,
    budget: dependencies.budget,
    onChange: (view) => {
      const live = isLive();
      if (live && !wasLive) slate.videoCame();
      if (!live && wasLive) {
        slate.videoWent();
        meter.reset();
      }
      wasLive = live;
      logFailures(view, clock.now());
      tap.configure(live && settings.mode !== 'overlay' ? settings.frames : null);
      metrics.up.set(labels, live ? 1 : 0);
      updateSlate();
      events.onChange();
    },
    onRestart: (kind) => metrics.restarts.inc({ ...labels, reason: kind }),
    onGap: (ms) => metrics.gap.observe(labels, ms / 1000),
    onFirstFrame: (ms) => metrics.firstFrame.observe(labels, ms / 1000),
  });

  function isLive(): boolean {
    return supervisor.view().phase === 'running';
  }

  async function runOnce(context: RunContext): Promise<void> {
    const running = settings;
    await slate.makeWay();
    await mediaServerUp(context.signal);
    const source = await lookAtSource(running, {
      ffmpegPath: dependencies.ffmpegPath,
      ffprobePath: dependencies.ffprobePath,
      mediaFolder: dependencies.mediaFolder,
      timeoutMs: sourceTimeoutMs,
      signal: context.signal,
    });
    plan = planStream(running, source);
    await preparePath(plan);
    context.signal.throwIfAborted();
    const onFrames = (count: number) => {
      meter.add(count, clock.now());
      metrics.frames.inc(labels, count);
      context.onFrames(count);
    };
    await runSession({ settings: running, plan, source, dependencies, onFrames, ...session }, context.signal);
  }

  async function mediaServerUp(signal: AbortSignal): Promise<void> {
    const deadline = clock.now() + mediaServerWaitMs;
    while (!paths.up) {
      if (clock.now() > deadline) throw new RunFailure('MediaServerUnavailable', 'MediaMTX does not answer.');
      await delay(50, undefined, { signal });
    }
  }

  /** The path with the slate of the stream's tracks; MediaMTX is told only what it does not know yet. */
  async function preparePath(next: Pick<StreamPlan, 'slate'>): Promise<void> {
    const shown = await slateFor(next.slate);
    announced = (await paths.set(settings.path, cameraPath(shown))) || announced;
    updateSlate();
  }

  /** Video does not wait for a slate: where none can be drawn (a full disk), MediaMTX shows one of its own. */
  async function slateFor(tracks: StreamPlan['slate']): Promise<Slate> {
    if (!tracks) return { kind: 'none' };
    try {
      return { kind: 'file', file: await slates.ensure(settings.path, tracks) };
    } catch (error) {
      if (!stopped) log.warn({ ...labels, err: error }, 'no slate could be made: MediaMTX shows its own');
      return { kind: 'tracks', tracks: mediaServerTracks(tracks) };
    }
  }

  function updateSlate(): void {
    slate.show(
      plan?.slate ?? { codec: 'h264', audio: false },
      slateText(settings.displayName, phaseOf(facts())),
    );
    const { phase, nextAttemptMs } = supervisor.view();
    if (phase === 'stopped') slate.quietFor(Infinity);
    if (phase === 'waiting' && nextAttemptMs !== null) slate.quietFor(nextAttemptMs - clock.now());
  }

  function facts(): StreamFacts {
    return {
      enabled: settings.lifecycle !== 'Never',
      onDemand: settings.lifecycle === 'OnDemand',
      wanted: isWanted(demand, clock.now()),
      mediaServerUp: paths.up,
      announced: announced || observation !== undefined,
      generation: settings.generation,
      // A test pattern is encoded in every mode.
      mode: settings.mode === 'copy' && settings.source.kind === 'test' ? 'transcode' : settings.mode,
      run: supervisor.view(),
      source: plan ? { codec: plan.source.codec, hasBFrames: plan.source.hasBFrames } : null,
      video: video ? { ...video, fps: meter.fps() ?? video.fps } : null,
    };
  }

  /** Starts or stops the run to match the demand. A latched refusal is left waiting: each start would be a login. */
  function follow(): void {
    if (stopped) return;
    const { phase } = supervisor.view();
    if (isWanted(demand, clock.now())) {
      if (phase === 'stopped') supervisor.start();
    } else if (phase !== 'stopped' && phase !== 'stopping' && !isLatched()) {
      stopRun();
    }
  }

  /** MediaMTX is back: who waits because of it need not wait on. */
  function retryWhenUp(): void {
    const isBack = paths.up && !wasUp;
    wasUp = paths.up;
    const { phase, failure } = supervisor.view();
    if (isBack && phase === 'waiting' && failure?.kind === 'MediaServerUnavailable') supervisor.restart();
  }

  function isLatched(): boolean {
    const view = supervisor.view();
    return demand.mode !== 'Never' && view.phase === 'waiting' && view.failure?.kind === 'CredentialsRefused';
  }

  function stopRun(): void {
    supervisor.stop().then(
      () => {
        // Wanted again while it was stopping.
        follow();
        events.onChange();
      },
      (error: unknown) =>
        log.error({ camera: settings.cameraId, err: error }, 'the stream could not be stopped'),
    );
  }

  // The path is there at once, with a slate of the likeliest codec: a viewer may come before the camera answers.
  async function announcePath(): Promise<void> {
    try {
      await preparePath({ slate: plan ? plan.slate : { codec: 'h264', audio: false } });
      events.onChange();
    } catch (error) {
      log.warn({ ...labels, err: error }, 'the path could not be announced to MediaMTX');
    }
  }

  const announcing = announcePath();
  follow();

  return {
    apply(next) {
      const before = settings;
      settings = next;
      demand = applyDemand(
        demand,
        { type: 'configured', mode: next.lifecycle, idleMs: next.idleMs },
        clock.now(),
      );
      if (needsRestart(before, next)) {
        plan = null;
        video = null;
        events.onNoPicture();
        if (supervisor.view().phase !== 'stopped') supervisor.restart();
      } else if (hidesOtherParts(before, next)) {
        // It may show what is private now.
        events.onNoPicture();
      }
      follow();
      tap.configure(isLive() && next.mode !== 'overlay' ? next.frames : null);
      updateSlate();
      events.onChange();
    },
    startNow() {
      if (supervisor.view().phase === 'waiting') supervisor.restart();
      follow();
    },
    readerArrived(reader) {
      if (reader !== 'viewer') {
        if (reader.ownId !== null) ownReaders.arrived(reader.ownId);
        return;
      }
      demand = applyDemand(demand, { type: 'readerArrived' }, clock.now());
      follow();
    },
    observe(next) {
      retryWhenUp();
      const isFirst = observation === undefined && next !== undefined;
      observation = next;
      if (isFirst) events.onChange();
      const track =
        next?.online === true && isLive()
          ? next.tracks.find((candidate) => candidate.width !== undefined)
          : undefined;
      if (track?.width !== undefined && track.height !== undefined) {
        const seen = {
          codec: codecOf(track.codec),
          width: track.width,
          height: track.height,
          fps: meter.fps(),
        };
        const changed =
          video?.width !== seen.width ||
          video.height !== seen.height ||
          video.codec !== seen.codec ||
          (video.fps === null && seen.fps !== null);
        video = seen;
        if (changed) events.onChange();
      }
      demand = applyDemand(demand, { type: 'viewersObserved', ...wantedBy(next) }, clock.now());
      follow();
      const { total } = viewers();
      if (total !== viewersSeen) events.onChange();
      viewersSeen = total;
    },
    facts,
    viewers,
    async stop() {
      stopped = true;
      await Promise.all([slate.stop(), tap.stop(), supervisor.stop(), announcing]);
      metrics.remove(labels);
      // While MediaMTX may still have the path, it may open the path's slate, and ends if that is missing.
      if (await paths.remove(settings.path)) await slates.remove(settings.path);
    },
  };

  /** Who makes the stream wanted: viewers over HLS by their requests, where MediaMTX tells of them. */
  function wantedBy(next: PathObservation | undefined): { viewers: number; hlsRequestedAt?: string } {
    const { total, hls } = viewers();
    const hlsRequestedAt = next?.hlsRequestedAt;
    return hlsRequestedAt === undefined ? { viewers: total } : { viewers: total - hls, hlsRequestedAt };
  }

  /** Readers of the path, our own not counted. */
  function viewers(): { total: number; webrtc: number; hls: number } {
    const readers = ownReaders.viewersAmong(observation?.readers ?? []);
    const count = (type: string) => readers.filter((reader) => reader.type === type).length;
    return {
      total: readers.length,
      webrtc: count('webRTCSession'),
      hls: count('hlsSession'),
    };
  }
}

/** MediaMTX's names of codecs to ours: `H264` → `h264`, `M-JPEG` → `mjpeg`. */
function codecOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
