import type { TapSettings } from '@camplane/jpeg-tap/frame-request';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import { isSegmented } from '@camplane/ffmpeg/input';
import type { PathObservation } from '@camplane/mediamtx/path-observation';
import { createLogLimiter } from '@camplane/runtime/log-limiter';
import type { RestartPolicy } from '@camplane/supervisor/restart-policy';
import { supervise } from '@camplane/supervisor/supervise';
import type { RunContext, Supervisor, SupervisorView } from '@camplane/supervisor/supervise';
import type { SlateTracks } from '../slate/slate-files.ts';
import { slateText } from '../slate/slate-text.ts';
import { phaseOf } from '../status/phase.ts';
import type { StreamFacts } from '../status/stream-facts.ts';
import { createFailureLog } from './failure-log.ts';
import { createFrameRateMeter } from './frame-rate-meter.ts';
import { observeStream, publishedBy } from './observe-stream.ts';
import type { Reader } from './own-readers.ts';
import type { StreamDependencies } from './stream-dependencies.ts';
import { initialStreamState, isLive, tapFrames, transition } from './stream-machine.ts';
import type { StreamEffect, StreamEvent, StreamState } from './stream-machine.ts';
import { createPathReaders } from './path-readers.ts';
import { createStreamPath } from './stream-path.ts';
import type { StreamPath } from './stream-path.ts';
import { attemptStream } from './stream-session.ts';
import type { StreamSettings } from './stream-settings.ts';
import type { ViewerCounts } from './viewers.ts';

/** One stream of a camera (main or sub): its path at MediaMTX, its supervised FFmpeg, its tap. */
export type StreamRunner = {
  apply(settings: StreamSettings): void;
  /** Ends a pause between attempts, at the request of a user. */
  startNow(): void;
  /** MediaMTX accepted a reader: a viewer starts an on-demand stream at once. */
  readerArrived(reader: Reader): void;
  /** What MediaMTX reported about the path, about once a second; undefined if it does not list it. */
  observe(observation: PathObservation | undefined): void;
  /** What the tap has to deliver while video is live; null: nothing. */
  takeFrames(settings: TapSettings | null): void;
  facts(): StreamFacts;
  viewers(): ViewerCounts;
  stop(): Promise<void>;
};

/** Segments last up to ten seconds or so, and may be late. */
const segmentedStallMinMs = 30_000;

/** The most likely tracks, for viewers that arrive before the camera responds. */
const assumedTracks: SlateTracks = { codec: 'h264', audio: false };

/** Performs the effects of the stream machine (`stream-machine.ts`), which makes all decisions. */
export function createStreamRunner(
  initial: StreamSettings,
  dependencies: StreamDependencies,
  events: { onChange(): void; onFrame(frame: JpegFrame): void; onFramesDiscarded(): void },
): StreamRunner {
  const { clock, paths, log, metrics } = dependencies;
  const labels = { camera: initial.cameraId, stream: initial.quality };
  const meter = createFrameRateMeter();
  const limitLines = createLogLimiter({ perMinute: 5, now: () => clock.now() });
  const path = createStreamPath(initial.path, dependencies, labels);
  const readers = createPathReaders(initial, dependencies, {
    published: () => publishedBy(state),
    ...{ onFrame: passFrame, onChange: events.onChange },
  });
  const supervisor = createStreamSupervisor(runOnce, dependencies, labels, {
    onChange: ({ phase, failure }) => dispatch({ type: 'runChanged', phase, failure: failure?.kind ?? null }),
    stallMinMs: () => stallMinMsOf(state.settings, dependencies.policy),
  });

  let state = initialStreamState(initial, paths.up, clock.now());
  // The supervisor reports changes while an effect is performed: such events are queued.
  const dispatch = serialize((event: StreamEvent) => {
    const step = transition(state, event, clock.now());
    state = step.state;
    step.effects.forEach(perform);
  });

  function perform(effect: StreamEffect): void {
    switch (effect.type) {
      case 'startRun':
        return supervisor.start();
      case 'restartRun':
        return supervisor.restart();
      case 'stopRun':
        return void supervisor.stop();
      case 'videoStarted':
        readers.videoStarted();
        return path.slate.videoStarted();
      case 'videoEnded':
        readers.videoEnded();
        path.slate.videoEnded();
        return meter.reset();
      case 'discardFrames':
        return events.onFramesDiscarded();
      case 'changed':
        readers.takeFrames(tapFrames(state));
        metrics.up.set(labels, isLive(state) ? 1 : 0);
        showSlate(path.slate, state, facts(), clock.now());
        return events.onChange();
    }
  }

  function runOnce(context: RunContext): Promise<void> {
    return attemptStream(
      {
        settings: state.settings,
        path,
        dependencies,
        memory: state.memory,
        onPlan: (plan, attempt) => dispatch({ type: 'sourceInspected', plan, attempt }),
        onPathPrepared: (accepted) => dispatch({ type: 'pathPrepared', accepted }),
        onFrames(count) {
          meter.add(count, clock.now());
          metrics.frames.inc(labels, count);
          context.onFrames(count);
        },
        // Polled by the session: a change of frames or drawings needs no restart.
        frames: () => state.requestedFrames,
        framesFps: () => state.settings.framesFps,
        drawing: () => ({ overlay: state.settings.overlay, cameraName: state.settings.displayName }),
        onFrame: passFrame,
        onDropped: (count) => metrics.dropped.inc({ ...labels, stage: 'overlay' }, count),
        onStderrLine: (line) => limitLines(line).forEach((passed) => log.debug(labels, passed)),
      },
      context,
    );
  }

  /** The tap ends with the video, but its last frame may already show the slate. */
  function passFrame(frame: JpegFrame): void {
    if (!isLive(state)) return;
    readers.frameDelivered();
    events.onFrame(frame);
  }

  function facts(): StreamFacts {
    const run = supervisor.view();
    return observeStream(state, { run, fps: meter.fps(), nowMs: clock.now(), ...readers.facts() });
  }

  const announcing = path
    .announce(assumedTracks)
    .then((accepted) => dispatch({ type: 'pathPrepared', accepted }));
  dispatch({ type: 'tick' });

  return {
    apply: (settings) => dispatch({ type: 'configured', settings }),
    startNow: () => dispatch({ type: 'startRequested' }),
    takeFrames: (frames) => dispatch({ type: 'framesRequested', frames }),
    readerArrived(reader) {
      if (reader === 'viewer') dispatch({ type: 'viewerArrived' });
      else if (reader.ownId !== null) readers.arrived(reader.ownId);
    },
    observe(observation) {
      const viewers = readers.observe(observation, meter.fps());
      const observed = observation ? { ...observation, viewers } : null;
      dispatch({ type: 'pathObserved', path: observed, mediaServerUp: paths.up, fps: meter.fps() });
    },
    facts,
    viewers: () => state.viewers,
    async stop() {
      dispatch({ type: 'closed' });
      await Promise.all([path.close(), readers.stop(), supervisor.stop(), announcing]);
      metrics.remove(labels);
      await path.remove();
    },
  };
}

function stallMinMsOf({ source }: StreamSettings, policy: RestartPolicy): number {
  return isSegmented(source) ? segmentedStallMinMs : policy.stallMinMs;
}

type StreamLabels = { camera: string; stream: string };

/** Runs and restarts the attempts at a stream, and reports them to log and metrics. */
function createStreamSupervisor(
  runOnce: (context: RunContext) => Promise<void>,
  { policy, clock, random, budget, log, metrics }: StreamDependencies,
  labels: StreamLabels,
  { onChange, stallMinMs }: { onChange(view: SupervisorView): void; stallMinMs(): number },
): Supervisor {
  const logFailures = createFailureLog(log, labels);
  return supervise({
    ...{ runOnce, policy, clock, random, budget, stallMinMs },
    onChange(view) {
      logFailures(view, clock.now());
      onChange(view);
    },
    onRestart: (kind) => metrics.restarts.inc({ ...labels, reason: kind }),
    onGap: (ms) => metrics.gap.observe(labels, ms / 1000),
    onFirstFrame: (ms) => metrics.firstFrame.observe(labels, ms / 1000),
  });
}

function showSlate(
  slate: StreamPath['slate'],
  { plan, settings }: StreamState,
  facts: StreamFacts,
  nowMs: number,
): void {
  slate.show(plan?.slate ?? assumedTracks, slateText(settings.displayName, phaseOf(facts)));
  const { phase, nextAttemptMs } = facts.run;
  if (phase === 'stopped') slate.idleFor(Infinity);
  if (phase === 'waiting' && nextAttemptMs !== null) slate.idleFor(nextAttemptMs - nowMs);
}

/** Handles one event after another; events that arrive meanwhile wait. */
function serialize<T>(handle: (event: T) => void): (event: T) => void {
  const waiting: T[] = [];
  let isBusy = false;
  return (event) => {
    waiting.push(event);
    if (isBusy) return;
    isBusy = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) handle(next);
    } finally {
      isBusy = false;
    }
  };
}
