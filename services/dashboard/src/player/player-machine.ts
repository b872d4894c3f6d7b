import { reconnectDelayMs } from '../live/reconnect-policy.ts';
import { isLasting, obstacleOf, unsupported } from './obstacle.ts';
import type { Obstacle } from './obstacle.ts';
import type { PlayFailure } from './play-failure.ts';

/** From best to last: video over WebRTC, video over HLS, single JPEG pictures over a WebSocket. */
export const transports = ['webrtc', 'hls', 'jpeg'] as const;
export type Transport = (typeof transports)[number];

/**
 * Decides which transport to use and when to retry: WebRTC, then HLS, then pictures. While a worse one plays, a better
 * one is opened beside it and adopted once it shows video, so that the screen never turns black. All times are
 * milliseconds of one monotonic clock.
 */
export type PlayerState = {
  phase: 'idle' | 'connecting' | 'playing' | 'waiting';
  /** In use, or next to try. */
  transport: Transport;
  sinceMs: number;
  /** The transport is up; the first frame is pending. */
  connected: boolean;
  /** The server reports that the camera sends nothing at the moment, so the first frame may be late. */
  held: boolean;
  lastFrameMs: number;
  /** Frames presented on this element, and the smoothed time between them. */
  frames: number;
  frameIntervalMs: number;
  /** Consecutive failures, and those of them that the transport in use caused. */
  failures: number;
  transportFailures: number;
  lastFailure: PlayFailure | null;
  obstacles: Readonly<Record<Transport, Obstacle | null>>;
  /** Has played before, so a failure is likely an outage and not an obstacle. */
  worked: Readonly<Record<Transport, boolean>>;
  nextAttemptMs: number | null;
  /** Opened beside the one in use. */
  beside: Transport | null;
  /** The page permits pictures only, because more videos would not be smooth. */
  limited: boolean;
};

export type PlayerEvent =
  | { type: 'play'; supported: readonly Transport[]; limited: boolean }
  | { type: 'stop' }
  | { type: 'limit'; limited: boolean }
  /** `frames`: presented before, by earlier connections. */
  | { type: 'connected'; frames: number }
  | { type: 'held'; held: boolean }
  | { type: 'failed'; failure: PlayFailure }
  /** `frames`: presented so far. */
  | { type: 'tick'; frames: number }
  /** The page is visible again. No frames were counted while it was hidden. */
  | { type: 'shown' }
  | { type: 'retry' }
  /** The browser has another network, where other transports may work. */
  | { type: 'network' }
  | { type: 'beside-ready' }
  | { type: 'beside-failed'; failure: PlayFailure };

export type PlayerEffect =
  | { type: 'open'; transport: Transport }
  | { type: 'close' }
  | { type: 'open-beside'; transport: Transport }
  | { type: 'adopt-beside' }
  | { type: 'close-beside' };

export type Moment = { nowMs: number; random: number };
type Step = { state: PlayerState; effects: PlayerEffect[] };

const connectTimeoutMs = { webrtc: 6_000, hls: 10_000, jpeg: 6_000 } as const;
/** Some cameras send a key frame only every ten seconds. */
const firstFrameTimeoutMs = 12_000;
const stallMinMs = { webrtc: 5_000, hls: 8_000, jpeg: 8_000 } as const;
const stallMaxMs = 60_000;
/** Failures are forgotten after this long with video. */
const stableAfterMs = 10_000;
/** At an edge, an attempt fails after 2 s: a viewer reconnects within 5 s after the camera's pod recovers. */
const reconnect = { firstMs: 500, maxMs: 2_500 };
/** An unsupported codec rarely changes. */
const unplayableRetryMs = 60_000;
/** A place is free once another viewer leaves. */
const limitRetryMs = 10_000;
const triesOnceWorked = 3;

const none = { webrtc: null, hls: null, jpeg: null };

export const idlePlayer: PlayerState = {
  phase: 'idle',
  transport: 'webrtc',
  sinceMs: 0,
  connected: false,
  held: false,
  lastFrameMs: 0,
  frames: 0,
  frameIntervalMs: 0,
  failures: 0,
  transportFailures: 0,
  lastFailure: null,
  obstacles: none,
  worked: { webrtc: false, hls: false, jpeg: false },
  nextAttemptMs: null,
  beside: null,
  limited: false,
};

export function transition(state: PlayerState, event: PlayerEvent, moment: Moment): Step {
  switch (event.type) {
    case 'play':
      return state.phase === 'idle' ? play(state, event, moment) : same(state);
    case 'stop':
      if (state.phase === 'idle') return same(state);
      return {
        state: { ...idlePlayer, frames: state.frames, worked: state.worked },
        effects: [...closeBeside(state), { type: 'close' }],
      };
    case 'limit':
      return limit(state, event.limited, moment);
    case 'connected':
      if (state.phase !== 'connecting') return same(state);
      return same({ ...state, connected: true, sinceMs: moment.nowMs, frames: event.frames });
    case 'held':
      return hold(state, event.held, moment);
    case 'failed':
      return isOpen(state) ? fail(state, event.failure, moment) : same(state);
    case 'tick':
      return tick(state, event.frames, moment);
    case 'shown':
      return same({
        ...state,
        lastFrameMs: moment.nowMs,
        sinceMs: state.phase === 'connecting' ? moment.nowMs : state.sinceMs,
      });
    case 'retry':
      return state.phase === 'waiting' ? open(state, state.transport, moment) : same(state);
    case 'network':
      return network(state, moment);
    case 'beside-ready':
      if (state.phase !== 'playing' || state.beside === null) return same(state);
      return {
        state: { ...playing(state, moment), transport: state.beside, beside: null, transportFailures: 0 },
        effects: [{ type: 'adopt-beside' }],
      };
    case 'beside-failed':
      return besideFailed(state, event.failure, moment);
  }
}

/** Four times the frame interval, within limits. */
export function stallAfterMs(state: Pick<PlayerState, 'frameIntervalMs' | 'transport'>): number {
  return Math.min(stallMaxMs, Math.max(stallMinMs[state.transport], 4 * state.frameIntervalMs));
}

function play(
  state: PlayerState,
  { supported, limited }: { supported: readonly Transport[]; limited: boolean },
  moment: Moment,
): Step {
  const obstacles: Record<Transport, Obstacle | null> = { ...none };
  for (const transport of transports) {
    if (!supported.includes(transport)) obstacles[transport] = unsupported;
  }
  const started = { ...state, obstacles, limited };
  return open(started, best(started), moment);
}

/** Changes between video and pictures without a gap. */
function limit(before: PlayerState, limited: boolean, moment: Moment): Step {
  if (before.limited === limited) return same(before);
  const state = { ...before, limited };
  if (state.phase === 'idle') return same(state);
  if (!limited) {
    // Pictures that were to replace the video are not needed; video that is to replace pictures opens on the next tick.
    if (state.beside === 'jpeg') return { state: { ...state, beside: null }, effects: closeBeside(state) };
    return same(state.phase === 'waiting' ? { ...state, transport: best(state) } : state);
  }
  if (state.transport === 'jpeg') return { state: { ...state, beside: null }, effects: closeBeside(state) };
  if (state.phase === 'waiting') return same({ ...state, transport: 'jpeg' });
  if (state.phase === 'playing') {
    const effects: PlayerEffect[] = [...closeBeside(state), { type: 'open-beside', transport: 'jpeg' }];
    return { state: { ...state, beside: 'jpeg' }, effects };
  }
  const step = open(state, 'jpeg', moment);
  return { state: step.state, effects: [{ type: 'close' }, ...step.effects] };
}

/** Pictures stop while a camera is down. The connection stays, and the last picture is not shown as if it were live. */
function hold(state: PlayerState, held: boolean, { nowMs }: Moment): Step {
  if (!isOpen(state) || state.held === held) return same(state);
  if (!held) return same({ ...state, held, sinceMs: nowMs });
  return {
    state: { ...state, held, phase: 'connecting', connected: true, sinceMs: nowMs, beside: null },
    effects: closeBeside(state),
  };
}

function network(state: PlayerState, moment: Moment): Step {
  const obstacles = { ...state.obstacles };
  for (const one of transports) {
    const obstacle = obstacles[one];
    if (obstacle && !isLasting(obstacle.failure)) obstacles[one] = { ...obstacle, retryAtMs: moment.nowMs };
  }
  const next = { ...state, obstacles };
  return state.phase === 'waiting' ? open(next, best(next), moment) : same(next);
}

function tick(before: PlayerState, frames: number, moment: Moment): Step {
  const state = countFrames(before, frames, moment);
  const forMs = moment.nowMs - state.sinceMs;
  switch (state.phase) {
    case 'idle':
      return same(state);
    case 'waiting':
      return moment.nowMs >= (state.nextAttemptMs ?? 0) ? open(state, state.transport, moment) : same(state);
    case 'connecting': {
      const timeoutMs = state.connected ? firstFrameTimeoutMs : connectTimeoutMs[state.transport];
      if (state.held || forMs < timeoutMs) return same(state);
      return fail(state, { kind: state.connected ? 'no-frames' : 'not-connected', detail: '' }, moment);
    }
    case 'playing': {
      if (moment.nowMs - state.lastFrameMs > stallAfterMs(state)) {
        return fail(state, { kind: 'stalled', detail: '' }, moment);
      }
      const stable = forMs >= stableAfterMs ? settle(state) : state;
      return stable.beside === null ? tryBetter(stable, moment) : same(stable);
    }
  }
}

/** Opens the best transport above the one in use that is due. */
function tryBetter(state: PlayerState, { nowMs }: Moment): Step {
  if (state.limited) return same(state);
  const transport = transports
    .slice(0, transports.indexOf(state.transport))
    .find((one) => nowMs >= (state.obstacles[one]?.retryAtMs ?? 0));
  if (transport === undefined) return same(state);
  const obstacle = state.obstacles[transport];
  const counted = obstacle && { ...obstacle, tries: obstacle.tries + 1 };
  return {
    state: withObstacle({ ...state, beside: transport }, transport, counted),
    effects: [{ type: 'open-beside', transport }],
  };
}

function besideFailed(state: PlayerState, failure: PlayFailure, moment: Moment): Step {
  const { beside } = state;
  if (beside === null) return same(state);
  // No decoder is free, so the video ends even without pictures.
  if (beside === 'jpeg') return fail({ ...state, transport: 'jpeg', transportFailures: 0 }, failure, moment);
  const tries = state.obstacles[beside]?.tries ?? 1;
  const obstacle = obstacleOf(failure, { tries, worked: state.worked[beside], nowMs: moment.nowMs });
  return {
    state: withObstacle({ ...state, beside: null }, beside, obstacle),
    effects: closeBeside(state),
  };
}

function countFrames(state: PlayerState, frames: number, moment: Moment): PlayerState {
  const fresh = frames - state.frames;
  if (fresh <= 0 || !isOpen(state)) return state;
  if (state.phase === 'connecting') {
    if (!state.connected) return state;
    return { ...playing(state, moment), frames, worked: { ...state.worked, [state.transport]: true } };
  }
  const intervalMs = (moment.nowMs - state.lastFrameMs) / fresh;
  const frameIntervalMs =
    state.frameIntervalMs === 0 ? intervalMs : state.frameIntervalMs * 0.8 + intervalMs * 0.2;
  return { ...state, frames, lastFrameMs: moment.nowMs, frameIntervalMs };
}

function playing(state: PlayerState, { nowMs }: Moment): PlayerState {
  return {
    ...state,
    phase: 'playing',
    connected: true,
    held: false,
    sinceMs: nowMs,
    lastFrameMs: nowMs,
    frameIntervalMs: 0,
  };
}

/** Forgets failures, and obstacles of this transport and of those below it. */
function settle(state: PlayerState): PlayerState {
  const obstacles = { ...state.obstacles };
  for (const one of transports.slice(transports.indexOf(state.transport))) {
    if (obstacles[one]?.failure.kind !== 'unsupported') obstacles[one] = null;
  }
  const worked = { ...state.worked, [state.transport]: true };
  return { ...state, failures: 0, transportFailures: 0, lastFailure: null, obstacles, worked };
}

function open(state: PlayerState, transport: Transport, { nowMs }: Moment): Step {
  return {
    state: {
      ...state,
      phase: 'connecting',
      transport,
      connected: false,
      held: false,
      sinceMs: nowMs,
      nextAttemptMs: null,
      transportFailures: transport === state.transport ? state.transportFailures : 0,
    },
    effects: [{ type: 'open', transport }],
  };
}

function fail(before: PlayerState, failure: PlayFailure, moment: Moment): Step {
  const closing: PlayerEffect[] = [...closeBeside(before), { type: 'close' }];
  const state = { ...before, failures: before.failures + 1, lastFailure: failure, beside: null };
  // Every transport would fail the same way.
  if (failure.kind === 'absent' || failure.kind === 'refused') {
    return { state: wait(state, state.transport, moment), effects: closing };
  }
  const { transport } = state;
  const failed = { ...state, transportFailures: state.transportFailures + 1 };
  if (!isLasting(failure) && failed.transportFailures < (state.worked[transport] ? triesOnceWorked : 1)) {
    return { state: wait(failed, transport, moment), effects: closing };
  }
  const tries = state.obstacles[transport]?.tries ?? 0;
  const obstacle = obstacleOf(failure, { tries, worked: state.worked[transport], nowMs: moment.nowMs });
  const blocked = withObstacle(failed, transport, obstacle);
  const next = transports[transports.indexOf(transport) + 1];
  if (next === undefined || isUnsupported(blocked, next)) {
    const waiting = wait({ ...blocked, transportFailures: 0 }, best(blocked), moment);
    return { state: waiting, effects: closing };
  }
  const step = open(blocked, next, moment);
  return { state: step.state, effects: [...closing, ...step.effects] };
}

/** The first to try: not one whose obstacle lasts. */
function best({ limited, obstacles }: PlayerState): Transport {
  if (limited) return 'jpeg';
  return transports.find((one) => !isLasting(obstacles[one]?.failure)) ?? 'jpeg';
}

function isUnsupported({ obstacles }: PlayerState, transport: Transport): boolean {
  return obstacles[transport]?.failure.kind === 'unsupported';
}

function withObstacle(state: PlayerState, transport: Transport, obstacle: Obstacle | null): PlayerState {
  return { ...state, obstacles: { ...state.obstacles, [transport]: obstacle } };
}

function wait(state: PlayerState, transport: Transport, moment: Moment): PlayerState {
  const nextAttemptMs = moment.nowMs + waitMs(state, moment);
  return {
    ...state,
    phase: 'waiting',
    transport,
    connected: false,
    held: false,
    sinceMs: moment.nowMs,
    nextAttemptMs,
  };
}

function waitMs({ lastFailure, failures }: PlayerState, { random }: Moment): number {
  if (lastFailure?.kind === 'limit') return limitRetryMs;
  if (isLasting(lastFailure ?? undefined)) return unplayableRetryMs;
  return reconnectDelayMs(reconnect, failures, random);
}

function closeBeside(state: PlayerState): PlayerEffect[] {
  return state.beside === null ? [] : [{ type: 'close-beside' }];
}

function isOpen(state: PlayerState): boolean {
  return state.phase === 'connecting' || state.phase === 'playing';
}

function same(state: PlayerState): Step {
  return { state, effects: [] };
}
