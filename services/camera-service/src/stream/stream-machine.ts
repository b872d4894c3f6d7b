import type { StreamFailureKind, VideoStatus } from '@camplane/contracts/camera-status';
import type { TapSettings } from '@camplane/jpeg-tap/frame-request';
import type { PathObservation } from '@camplane/mediamtx/path-observation';
import { isErrorAtOnce } from '@camplane/supervisor/restart-machine';
import type { SupervisorView } from '@camplane/supervisor/supervise';
import { nothingKnown, remember } from './source-memory.ts';
import type { SourceAttempt, SourceMemory } from './source-memory.ts';
import type { StreamPlan } from './stream-plan.ts';
import { changesMasks, needsRestart } from './stream-settings.ts';
import type { StreamSettings } from './stream-settings.ts';
import { applyDemand, hasDemand, noDemand } from './viewer-demand.ts';
import type { ViewerDemand } from './viewer-demand.ts';
import { noViewers } from './viewers.ts';
import type { ViewerCounts } from './viewers.ts';

export type StreamState = {
  settings: StreamSettings;
  demand: ViewerDemand;
  /** As the supervisor last reported it; `stopRequested` while it stops because of a `stopRun`. */
  run: { phase: SupervisorView['phase']; failure: StreamFailureKind | null; stopRequested: boolean };
  /** From the latest inspection of the source; null before the first one, and after a change that requires another. */
  plan: StreamPlan | null;
  /** How the current run opened its source; null until it has. */
  attempt: SourceAttempt | null;
  /** What earlier attempts taught about the source. */
  memory: SourceMemory;
  /** The published video when frames last flowed; kept while readers see the slate. */
  video: VideoStatus | null;
  viewers: ViewerCounts;
  /** What the tap has to deliver while video is live; null: nothing is requested. */
  requestedFrames: TapSettings | null;
  mediaServerUp: boolean;
  /** MediaMTX has accepted the path, or lists it: viewers are accepted. */
  pathAccepted: boolean;
  pathListed: boolean;
  /** Set by `closed`, permanently: nothing starts afterwards. */
  closed: boolean;
};

/** What MediaMTX reported about the path in one poll. */
export type ObservedPath = Pick<PathObservation, 'online' | 'tracks' | 'hlsRequestedAt'> & {
  viewers: ViewerCounts;
};

export type StreamEvent =
  | { type: 'configured'; settings: StreamSettings }
  /** A user requested a start: ends a pause between attempts. */
  | { type: 'startRequested' }
  | { type: 'viewerArrived' }
  | { type: 'framesRequested'; frames: TapSettings | null }
  /** The path was sent to MediaMTX; it has not accepted it while it is unreachable. */
  | { type: 'pathPrepared'; accepted: boolean }
  /** About once a second; `path` is null if MediaMTX does not list it, `fps` is measured. */
  | { type: 'pathObserved'; path: ObservedPath | null; mediaServerUp: boolean; fps: number | null }
  | { type: 'sourceInspected'; plan: StreamPlan; attempt: SourceAttempt }
  | { type: 'runChanged'; phase: SupervisorView['phase']; failure: StreamFailureKind | null }
  /** Time has passed. */
  | { type: 'tick' }
  | { type: 'closed' };

export type StreamEffect =
  | { type: 'startRun' }
  | { type: 'restartRun' }
  | { type: 'stopRun' }
  | { type: 'videoStarted' }
  | { type: 'videoEnded' }
  /** The latest frame must not be shown any longer: it is from another source, or shows what is masked now. */
  | { type: 'discardFrames' }
  /** The tap, the slate and the status have to follow the new state. */
  | { type: 'changed' };

export type StreamStep = { state: StreamState; effects: StreamEffect[] };

export function initialStreamState(
  settings: StreamSettings,
  mediaServerUp: boolean,
  nowMs: number,
): StreamState {
  return {
    settings,
    demand: configureDemand(noDemand, settings, nowMs),
    run: { phase: 'stopped', failure: null, stopRequested: false },
    plan: null,
    attempt: null,
    memory: nothingKnown,
    video: null,
    viewers: noViewers,
    requestedFrames: null,
    mediaServerUp,
    pathAccepted: false,
    pathListed: false,
    closed: false,
  };
}

/**
 * One step in the life of a stream. Pure: the caller passes the time and performs the effects, in order, before it
 * passes in the next event. Restarts after failures belong to the supervisor; this decides when a run should exist.
 */
export function transition(state: StreamState, event: StreamEvent, nowMs: number): StreamStep {
  const step = handle(state, event, nowMs);
  return followDemand(step, nowMs);
}

export function isLive(state: StreamState): boolean {
  return state.run.phase === 'running';
}

/** Frames for the tap to take now. Overlay mode takes its frames itself; other modes from the live path only. */
export function tapFrames(state: StreamState): TapSettings | null {
  return isLive(state) && state.settings.mode !== 'overlay' ? state.requestedFrames : null;
}

function handle(state: StreamState, event: StreamEvent, nowMs: number): StreamStep {
  switch (event.type) {
    case 'configured':
      return configure(state, event.settings, nowMs);
    case 'startRequested':
      return { state, effects: state.run.phase === 'waiting' ? [{ type: 'restartRun' }] : [] };
    case 'viewerArrived':
      return only({ ...state, demand: applyDemand(state.demand, { type: 'readerArrived' }, nowMs) });
    case 'framesRequested':
      return { state: { ...state, requestedFrames: event.frames }, effects: [{ type: 'changed' }] };
    case 'pathPrepared': {
      const pathAccepted = event.accepted || state.pathAccepted;
      return { state: { ...state, pathAccepted }, effects: [{ type: 'changed' }] };
    }
    case 'pathObserved':
      return observePath(state, event, nowMs);
    case 'sourceInspected':
      return only({ ...state, plan: event.plan, attempt: event.attempt });
    case 'runChanged':
      return changeRun(state, event);
    case 'tick':
      return only(state);
    case 'closed': {
      const isStopped = state.run.phase === 'stopped';
      return { state: { ...state, closed: true }, effects: isStopped ? [] : [{ type: 'stopRun' }] };
    }
  }
}

/** Adds the start or stop that the demand asks for. */
function followDemand({ state, effects }: StreamStep, nowMs: number): StreamStep {
  if (state.closed) return { state, effects };
  const { phase, stopRequested } = state.run;
  if (hasDemand(state.demand, nowMs)) {
    return { state, effects: phase === 'stopped' ? [...effects, { type: 'startRun' }] : effects };
  }
  const isRestarted = effects.some(({ type }) => type === 'restartRun');
  if (phase === 'stopped' || stopRequested || (isLatched(state) && !isRestarted)) return { state, effects };
  return {
    state: { ...state, run: { ...state.run, stopRequested: true } },
    effects: [...effects, { type: 'stopRun' }],
  };
}

/** Keeps waiting without viewers too: each new start would be another login attempt, or another minute at full load. */
function isLatched({ demand, run }: StreamState): boolean {
  const { phase, failure } = run;
  return demand.mode !== 'Never' && phase === 'waiting' && failure !== null && isErrorAtOnce(failure);
}

function configure(state: StreamState, settings: StreamSettings, nowMs: number): StreamStep {
  const before = state.settings;
  const next = { ...state, settings, demand: configureDemand(state.demand, settings, nowMs) };
  if (needsRestart(before, settings)) {
    const restart: StreamEffect[] = state.run.phase === 'stopped' ? [] : [{ type: 'restartRun' }];
    return {
      state: { ...next, plan: null, attempt: null, memory: nothingKnown, video: null },
      effects: [{ type: 'discardFrames' }, ...restart, { type: 'changed' }],
    };
  }
  const discard: StreamEffect[] = changesMasks(before, settings) ? [{ type: 'discardFrames' }] : [];
  return { state: next, effects: [...discard, { type: 'changed' }] };
}

function observePath(
  state: StreamState,
  { path, mediaServerUp, fps }: Extract<StreamEvent, { type: 'pathObserved' }>,
  nowMs: number,
): StreamStep {
  const viewers = path?.viewers ?? noViewers;
  const video = path && isLive(state) ? (publishedVideo(path, fps) ?? state.video) : state.video;
  const next: StreamState = {
    ...state,
    viewers,
    video,
    mediaServerUp,
    pathListed: path !== null,
    demand: applyDemand(state.demand, { type: 'viewersObserved', ...viewersOf(path) }, nowMs),
  };
  const { phase, failure } = state.run;
  const waitsForMediaServer = phase === 'waiting' && failure === 'MediaServerUnavailable';
  const isBack = mediaServerUp && !state.mediaServerUp;
  const isChanged =
    (path !== null && !state.pathListed) ||
    viewers.total !== state.viewers.total ||
    isOtherVideo(state.video, video);
  return {
    state: next,
    effects: [
      ...(isBack && waitsForMediaServer ? [{ type: 'restartRun' } as const] : []),
      ...(isChanged ? [{ type: 'changed' } as const] : []),
    ],
  };
}

function changeRun(
  state: StreamState,
  { phase, failure }: Extract<StreamEvent, { type: 'runChanged' }>,
): StreamStep {
  const stopRequested = phase === 'stopping' && state.run.stopRequested;
  const run = { phase, failure, stopRequested };
  const isStart = phase === 'running' && !isLive(state);
  const next = {
    ...afterAttempt(state, phase, failure),
    run,
    video: isStart ? (plannedVideo(state) ?? state.video) : state.video,
  };
  const effects: StreamEffect[] = [];
  if (isStart) effects.push({ type: 'videoStarted' });
  if (!isLive(next) && isLive(state)) effects.push({ type: 'videoEnded' });
  return { state: next, effects: [...effects, { type: 'changed' }] };
}

/** A failed run teaches how to try the next one. */
function afterAttempt(
  state: StreamState,
  phase: SupervisorView['phase'],
  failure: StreamFailureKind | null,
): StreamState {
  const { attempt, memory } = state;
  if (phase === 'running' && attempt) return { ...state, attempt: { ...attempt, hadFrames: true } };
  if (phase !== 'waiting' || !attempt || failure === null) return state;
  return { ...state, attempt: null, memory: remember(memory, attempt, failure) };
}

function configureDemand(demand: ViewerDemand, settings: StreamSettings, nowMs: number): ViewerDemand {
  const { lifecycle: mode, idleMs } = settings;
  return applyDemand(demand, { type: 'configured', mode, idleMs }, nowMs);
}

/** HLS viewers count by their requests if MediaMTX reports those: it lists a viewer for 30 s after its last request. */
function viewersOf(path: ObservedPath | null): { viewers: number; hlsRequestedAt?: string } {
  const { total, hls } = path?.viewers ?? noViewers;
  const hlsRequestedAt = path?.hlsRequestedAt;
  return hlsRequestedAt === undefined ? { viewers: total } : { viewers: total - hls, hlsRequestedAt };
}

/** Known before MediaMTX lists the tracks, which takes up to a second. Null if the source did not state its size. */
function plannedVideo({ plan, video }: StreamState): VideoStatus | null {
  if (!plan) return null;
  const { codec } = plan;
  const { width, height } = plan.source;
  if (width === null || height === null) return null;
  const isSame = video?.codec === codec && video.width === width && video.height === height;
  return { codec, width, height, fps: isSame ? video.fps : null };
}

function publishedVideo(path: ObservedPath, fps: number | null): VideoStatus | null {
  if (!path.online) return null;
  for (const { codec, width, height } of path.tracks) {
    if (width !== undefined && height !== undefined) return { codec: codecOf(codec), width, height, fps };
  }
  return null;
}

function isOtherVideo(before: VideoStatus | null, after: VideoStatus | null): boolean {
  if (after === null) return false;
  return (
    before?.width !== after.width ||
    before.height !== after.height ||
    before.codec !== after.codec ||
    (before.fps === null && after.fps !== null)
  );
}

/** MediaMTX's names of codecs to ours: `H264` → `h264`, `M-JPEG` → `mjpeg`. */
function codecOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function only(state: StreamState): StreamStep {
  return { state, effects: [] };
}
