import { reconnectDelayMs } from '../live/reconnect-policy.ts';
import type { PlayFailure } from './play-failure.ts';

export type Transport = 'webrtc' | 'hls';

/**
 * Decides which transport to use and when to retry. WebRTC comes first, HLS is the fallback. While HLS plays, an
 * upgrade attempt to WebRTC runs beside it, so that the video does not stop. All times are milliseconds of one
 * monotonic clock.
 */
export type PlayerState = {
  phase: 'idle' | 'connecting' | 'playing' | 'waiting';
  /** In use, or next to try. */
  transport: Transport;
  sinceMs: number;
  /** The transport is up; the first frame is pending. */
  connected: boolean;
  lastFrameMs: number;
  /** Frames presented on this element, and the smoothed time between them. */
  frames: number;
  frameIntervalMs: number;
  /** Consecutive failures, and those of them that WebRTC caused. */
  failures: number;
  webrtcFailures: number;
  lastFailure: PlayFailure | null;
  /** Why WebRTC is not used. */
  fallback: PlayFailure | null;
  /** WebRTC has played before, so a failure is likely an outage and not an obstacle. */
  webrtcWorked: boolean;
  nextAttemptMs: number | null;
  upgrade: { atMs: number; tries: number; running: boolean } | null;
};

export type PlayerEvent =
  | { type: 'play'; webrtc: boolean }
  | { type: 'stop' }
  /** `frames`: presented before, by earlier connections. */
  | { type: 'connected'; frames: number }
  | { type: 'failed'; failure: PlayFailure }
  /** `frames`: presented so far. */
  | { type: 'tick'; frames: number }
  /** The page is visible again. No frames were counted while it was hidden. */
  | { type: 'shown' }
  | { type: 'retry' }
  | { type: 'upgrade-ready' }
  | { type: 'upgrade-failed'; failure: PlayFailure };

export type PlayerEffect =
  | { type: 'open'; transport: Transport }
  | { type: 'close' }
  | { type: 'open-upgrade' }
  | { type: 'adopt-upgrade' }
  | { type: 'close-upgrade' };

export type Moment = { nowMs: number; random: number };
type Step = { state: PlayerState; effects: PlayerEffect[] };

const connectTimeoutMs = { webrtc: 6_000, hls: 10_000 } as const;
/** Some cameras send a key frame only every ten seconds. */
const firstFrameTimeoutMs = 12_000;
const stallMinMs = { webrtc: 5_000, hls: 8_000 } as const;
const stallMaxMs = 60_000;
/** Failures are forgotten after this long with video. */
const stableAfterMs = 10_000;
/** At an edge, an attempt fails after 2 s: a viewer reconnects within 5 s after the camera's pod recovers. */
const reconnect = { firstMs: 500, maxMs: 2_500 };
/** An unsupported codec rarely changes. */
const unplayableRetryMs = 60_000;
const upgradeFirstMs = 30_000;
const upgradeMaxMs = 600_000;
const webrtcTriesOnceWorked = 3;

export const idlePlayer: PlayerState = {
  phase: 'idle',
  transport: 'webrtc',
  sinceMs: 0,
  connected: false,
  lastFrameMs: 0,
  frames: 0,
  frameIntervalMs: 0,
  failures: 0,
  webrtcFailures: 0,
  lastFailure: null,
  fallback: null,
  webrtcWorked: false,
  nextAttemptMs: null,
  upgrade: null,
};

export function transition(state: PlayerState, event: PlayerEvent, moment: Moment): Step {
  switch (event.type) {
    case 'play':
      if (state.phase !== 'idle') return same(state);
      return event.webrtc
        ? open({ ...state, fallback: null }, 'webrtc', moment)
        : open({ ...state, fallback: { kind: 'unsupported', detail: '' } }, 'hls', moment);
    case 'stop':
      if (state.phase === 'idle') return same(state);
      return {
        state: { ...idlePlayer, frames: state.frames, webrtcWorked: state.webrtcWorked },
        effects: [...closeUpgrade(state), { type: 'close' }],
      };
    case 'connected':
      if (state.phase !== 'connecting') return same(state);
      return same({ ...state, connected: true, sinceMs: moment.nowMs, frames: event.frames });
    case 'failed':
      return isOpen(state) ? fail(state, event.failure, moment) : same(state);
    case 'tick':
      return tick(state, event.frames, moment);
    case 'shown':
      return same({
        ...state,
        lastFrameMs: moment.nowMs,
        sinceMs: isConnecting(state) ? moment.nowMs : state.sinceMs,
      });
    case 'retry':
      return state.phase === 'waiting' ? open(state, state.transport, moment) : same(state);
    case 'upgrade-ready':
      if (state.phase !== 'playing' || !state.upgrade?.running) return same(state);
      return {
        state: {
          ...playing(state, moment),
          transport: 'webrtc',
          upgrade: { ...state.upgrade, running: false },
        },
        effects: [{ type: 'adopt-upgrade' }],
      };
    case 'upgrade-failed': {
      if (!state.upgrade?.running) return same(state);
      const fallback = event.failure;
      return {
        state: { ...state, fallback, upgrade: nextUpgrade(fallback, state.upgrade.tries, moment) },
        effects: [{ type: 'close-upgrade' }],
      };
    }
  }
}

/** Four times the frame interval, within limits. */
export function stallAfterMs(state: Pick<PlayerState, 'frameIntervalMs' | 'transport'>): number {
  return Math.min(stallMaxMs, Math.max(stallMinMs[state.transport], 4 * state.frameIntervalMs));
}

function tick(before: PlayerState, frames: number, moment: Moment): Step {
  const state = countFrames(before, frames, moment);
  const forMs = moment.nowMs - state.sinceMs;
  switch (state.phase) {
    case 'idle':
      return same(state);
    case 'waiting':
      return moment.nowMs >= (state.nextAttemptMs ?? 0) ? open(state, state.transport, moment) : same(state);
    case 'connecting':
      if (state.connected ? forMs < firstFrameTimeoutMs : forMs < connectTimeoutMs[state.transport])
        return same(state);
      return fail(state, { kind: state.connected ? 'no-frames' : 'not-connected', detail: '' }, moment);
    case 'playing': {
      if (moment.nowMs - state.lastFrameMs > stallAfterMs(state)) {
        return fail(state, { kind: 'stalled', detail: '' }, moment);
      }
      const stable = forMs >= stableAfterMs ? settle(state) : state;
      const { upgrade } = stable;
      if (stable.transport !== 'hls' || !upgrade || upgrade.running || moment.nowMs < upgrade.atMs)
        return same(stable);
      return {
        state: { ...stable, upgrade: { ...upgrade, running: true, tries: upgrade.tries + 1 } },
        effects: [{ type: 'open-upgrade' }],
      };
    }
  }
}

function countFrames(state: PlayerState, frames: number, moment: Moment): PlayerState {
  const fresh = frames - state.frames;
  if (fresh <= 0 || !isOpen(state)) return state;
  if (state.phase === 'connecting') return state.connected ? { ...playing(state, moment), frames } : state;
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
    sinceMs: nowMs,
    lastFrameMs: nowMs,
    frameIntervalMs: 0,
    webrtcWorked: state.webrtcWorked || state.transport === 'webrtc',
  };
}

function settle(state: PlayerState): PlayerState {
  const settled = state.transport === 'webrtc' ? { fallback: null, upgrade: null } : {};
  return { ...state, failures: 0, webrtcFailures: 0, lastFailure: null, ...settled };
}

function open(state: PlayerState, transport: Transport, { nowMs }: Moment): Step {
  return {
    state: {
      ...state,
      phase: 'connecting',
      transport,
      connected: false,
      sinceMs: nowMs,
      nextAttemptMs: null,
    },
    effects: [{ type: 'open', transport }],
  };
}

function fail(state: PlayerState, failure: PlayFailure, moment: Moment): Step {
  const closing: PlayerEffect[] = [...closeUpgrade(state), { type: 'close' }];
  const failed = { ...state, failures: state.failures + 1, lastFailure: failure };
  if (state.transport === 'hls') {
    const transport: Transport = isObstacle(state.fallback) ? 'hls' : 'webrtc';
    const waiting = wait({ ...failed, upgrade: null }, transport, moment);
    const nextAttemptMs = isObstacle(failure) ? moment.nowMs + unplayableRetryMs : waiting.nextAttemptMs;
    return { state: { ...waiting, nextAttemptMs }, effects: closing };
  }
  // HLS would fail the same way.
  if (failure.kind === 'absent' || failure.kind === 'refused') {
    return { state: wait(failed, 'webrtc', moment), effects: closing };
  }
  const webrtcFailures = state.webrtcFailures + 1;
  if (!isObstacle(failure) && webrtcFailures < (state.webrtcWorked ? webrtcTriesOnceWorked : 1)) {
    return { state: wait({ ...failed, webrtcFailures }, 'webrtc', moment), effects: closing };
  }
  const tries = state.upgrade?.tries ?? 0;
  const fallen = {
    ...failed,
    webrtcFailures,
    fallback: failure,
    upgrade: nextUpgrade(failure, tries, moment),
  };
  const step = open(fallen, 'hls', moment);
  return { state: step.state, effects: [...closing, ...step.effects] };
}

/** Failures that a retry does not fix. */
function isObstacle(failure: PlayFailure | null): boolean {
  return failure?.kind === 'unsupported' || failure?.kind === 'codec';
}

function nextUpgrade(failure: PlayFailure, tries: number, { nowMs }: Moment): PlayerState['upgrade'] {
  if (failure.kind === 'unsupported') return null;
  const delayMs =
    failure.kind === 'codec'
      ? upgradeMaxMs
      : Math.min(upgradeMaxMs, upgradeFirstMs * 2 ** Math.min(tries, 10));
  return { atMs: nowMs + delayMs, tries, running: false };
}

function wait(state: PlayerState, transport: Transport, { nowMs, random }: Moment): PlayerState {
  const nextAttemptMs = nowMs + reconnectDelayMs(reconnect, state.failures, random);
  return { ...state, phase: 'waiting', transport, connected: false, sinceMs: nowMs, nextAttemptMs };
}

function closeUpgrade(state: PlayerState): PlayerEffect[] {
  return state.upgrade?.running ? [{ type: 'close-upgrade' }] : [];
}

function isOpen(state: PlayerState): boolean {
  return state.phase === 'connecting' || state.phase === 'playing';
}

function isConnecting(state: PlayerState): boolean {
  return state.phase === 'connecting';
}

function same(state: PlayerState): Step {
  return { state, effects: [] };
}
