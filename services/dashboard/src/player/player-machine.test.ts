import { describe, expect, it } from '@jest/globals';
import type { PlayFailureKind } from './play-failure.ts';
import { idlePlayer, stallAfterMs, transition } from './player-machine.ts';
import type { PlayerEffect, PlayerEvent, PlayerState } from './player-machine.ts';

/** Drives the machine with a simulated clock that ticks every half second, like the real player. */
class SimulatedPlayer {
  state: PlayerState = idlePlayer;
  effects: PlayerEffect[] = [];
  nowMs = 1_000;
  frames = 0;

  send(event: PlayerEvent): this {
    const step = transition(this.state, event, { nowMs: this.nowMs, random: 0.5 });
    this.state = step.state;
    this.effects = step.effects;
    return this;
  }

  fail(kind: PlayFailureKind): this {
    return this.send({ type: 'failed', failure: { kind, detail: '' } });
  }

  /** Advances the clock and collects the effects of all ticks. */
  pass(ms: number, framesPerTick = 0): this {
    const seen: PlayerEffect[] = [];
    for (const endMs = this.nowMs + ms; this.nowMs < endMs;) {
      this.nowMs += 500;
      this.frames += framesPerTick;
      this.send({ type: 'tick', frames: this.frames });
      seen.push(...this.effects);
    }
    this.effects = seen;
    return this;
  }

  /** Plays over `transport`, long enough to be stable. */
  playing(transport: 'webrtc' | 'hls'): this {
    this.send({ type: 'play', webrtc: true });
    if (transport === 'hls') this.fail('not-connected');
    return this.send({ type: 'connected', frames: this.frames }).pass(12_000, 12);
  }
}

const opened = (player: SimulatedPlayer) => player.effects.filter(({ type }) => type === 'open');

describe('the player', () => {
  it('opens WebRTC first and plays from the first frame', () => {
    const player = new SimulatedPlayer().send({ type: 'play', webrtc: true });
    expect(player.effects).toEqual([{ type: 'open', transport: 'webrtc' }]);
    player.send({ type: 'connected', frames: 0 });
    expect(player.state.phase).toBe('connecting');
    player.pass(500, 1);
    expect(player.state).toMatchObject({ phase: 'playing', transport: 'webrtc', fallback: null });
  });

  it('opens HLS in a browser without WebRTC and never tries WebRTC', () => {
    const player = new SimulatedPlayer().send({ type: 'play', webrtc: false });
    expect(player.effects).toEqual([{ type: 'open', transport: 'hls' }]);
    player.send({ type: 'connected', frames: 0 }).pass(700_000, 10);
    expect(player.state).toMatchObject({ transport: 'hls', fallback: { kind: 'unsupported' } });
    expect(player.effects).toEqual([]);
  });

  it.each<PlayFailureKind>(['not-connected', 'unreachable', 'codec', 'server', 'closed'])(
    'falls back to HLS at once when WebRTC fails: %s',
    (kind) => {
      const player = new SimulatedPlayer().send({ type: 'play', webrtc: true }).fail(kind);
      expect(player.effects).toEqual([{ type: 'close' }, { type: 'open', transport: 'hls' }]);
      expect(player.state.fallback).toEqual({ kind, detail: '' });
    },
  );

  it.each<PlayFailureKind>(['absent', 'refused'])(
    'retries without falling back when the stream is %s',
    (kind) => {
      const player = new SimulatedPlayer().send({ type: 'play', webrtc: true }).fail(kind);
      expect(player.effects).toEqual([{ type: 'close' }]);
      expect(player.state).toMatchObject({ phase: 'waiting', transport: 'webrtc', fallback: null });
      player.pass(1_000);
      expect(opened(player)).toEqual([{ type: 'open', transport: 'webrtc' }]);
    },
  );

  it('does not count a late frame of the previous connection', () => {
    const player = new SimulatedPlayer().send({ type: 'play', webrtc: true }).fail('closed').pass(500, 1);
    expect(player.state).toMatchObject({ phase: 'connecting', transport: 'hls' });
    player.send({ type: 'connected', frames: player.frames }).pass(500);
    expect(player.state.phase).toBe('connecting');
    player.pass(500, 1);
    expect(player.state.phase).toBe('playing');
  });

  it('falls back when the connection times out', () => {
    const player = new SimulatedPlayer().send({ type: 'play', webrtc: true }).pass(6_000);
    expect(player.state).toMatchObject({ transport: 'hls', fallback: { kind: 'not-connected' } });
  });

  it('waits longer for the first frame than for the connection', () => {
    const player = new SimulatedPlayer()
      .send({ type: 'play', webrtc: true })
      .send({ type: 'connected', frames: 0 })
      .pass(11_500);
    expect(player.state).toMatchObject({ phase: 'connecting', transport: 'webrtc' });
    player.pass(500);
    expect(player.state.fallback?.kind).toBe('no-frames');
  });

  it('reconnects over WebRTC after a stall if WebRTC worked before', () => {
    const player = new SimulatedPlayer().playing('webrtc').pass(5_500);
    expect(player.state).toMatchObject({
      phase: 'waiting',
      transport: 'webrtc',
      lastFailure: { kind: 'stalled' },
    });
    player.pass(500);
    expect(opened(player)).toEqual([{ type: 'open', transport: 'webrtc' }]);
  });

  it('falls back to HLS after three consecutive failures even if WebRTC worked before', () => {
    const player = new SimulatedPlayer()
      .playing('webrtc')
      .fail('closed')
      .send({ type: 'retry' })
      .fail('unreachable');
    expect(player.state).toMatchObject({ phase: 'waiting', transport: 'webrtc' });
    player.send({ type: 'retry' }).fail('unreachable');
    expect(player.state).toMatchObject({
      phase: 'connecting',
      transport: 'hls',
      fallback: { kind: 'unreachable' },
    });
  });

  it('does not fall back to HLS while the stream is absent', () => {
    const player = new SimulatedPlayer().playing('webrtc').fail('closed');
    for (let n = 0; n < 5; n++) player.send({ type: 'retry' }).fail('absent');
    player
      .send({ type: 'retry' })
      .send({ type: 'connected', frames: player.frames })
      .pass(3_000, 12)
      .fail('closed');
    expect(player.state).toMatchObject({ phase: 'waiting', transport: 'webrtc', webrtcFailures: 2 });
  });

  it('retries rarely when neither transport can play the codec', () => {
    const player = new SimulatedPlayer().send({ type: 'play', webrtc: true }).fail('codec').fail('codec');
    expect(player.state).toMatchObject({ phase: 'waiting', transport: 'hls' });
    player.pass(59_500);
    expect(player.state.phase).toBe('waiting');
    player.pass(500);
    expect(opened(player)).toEqual([{ type: 'open', transport: 'hls' }]);
  });

  it('backs off after each consecutive failure, up to a limit', () => {
    const player = new SimulatedPlayer().send({ type: 'play', webrtc: true });
    const waitsMs = Array.from({ length: 8 }, () => {
      player.fail('absent');
      const waitMs = (player.state.nextAttemptMs ?? 0) - player.nowMs;
      player.send({ type: 'retry' });
      return waitMs;
    });
    expect(waitsMs).toEqual([375, 750, 1500, 1875, 1875, 1875, 1875, 1875]);
  });

  it('resets failures after a while of video', () => {
    const player = new SimulatedPlayer().send({ type: 'play', webrtc: true }).fail('absent').pass(500);
    player.send({ type: 'connected', frames: 0 }).pass(5_000, 12);
    expect(player.state.failures).toBe(1);
    player.pass(6_000, 12);
    expect(player.state).toMatchObject({ failures: 0, lastFailure: null });
  });

  it('starts with WebRTC again when both transports failed', () => {
    const player = new SimulatedPlayer()
      .send({ type: 'play', webrtc: true })
      .fail('unreachable')
      .fail('unreachable');
    expect(player.state).toMatchObject({ phase: 'waiting', transport: 'webrtc' });
  });

  it('allows for the frame interval before it reports a stall', () => {
    expect(stallAfterMs({ frameIntervalMs: 40, transport: 'webrtc' })).toBe(5_000);
    expect(stallAfterMs({ frameIntervalMs: 5_000, transport: 'webrtc' })).toBe(20_000);
    expect(stallAfterMs({ frameIntervalMs: 1e9, transport: 'hls' })).toBe(60_000);
  });

  it('does not report a stall for the time the page was hidden', () => {
    const player = new SimulatedPlayer().playing('webrtc');
    player.nowMs += 3_600_000;
    player.send({ type: 'shown' }).pass(3_000);
    expect(player.state.phase).toBe('playing');
  });

  it('stops at once and stays stopped', () => {
    const player = new SimulatedPlayer().playing('webrtc').send({ type: 'stop' });
    expect(player.effects).toEqual([{ type: 'close' }]);
    expect(player.fail('closed').pass(60_000).state.phase).toBe('idle');
    expect(player.effects).toEqual([]);
  });
});

describe('an upgrade from HLS back to WebRTC', () => {
  it('runs while HLS plays, and is adopted once it delivers video', () => {
    const player = new SimulatedPlayer().playing('hls').pass(20_000, 12);
    expect(player.effects).toEqual([{ type: 'open-upgrade' }]);
    expect(player.state).toMatchObject({ phase: 'playing', transport: 'hls' });
    player.send({ type: 'upgrade-ready' });
    expect(player.effects).toEqual([{ type: 'adopt-upgrade' }]);
    player.pass(12_000, 12);
    expect(player.state).toMatchObject({
      phase: 'playing',
      transport: 'webrtc',
      fallback: null,
      upgrade: null,
    });
  });

  it('is retried with growing delays', () => {
    const player = new SimulatedPlayer().playing('hls');
    const gapsMs = Array.from({ length: 6 }, () => {
      const startMs = player.nowMs;
      for (player.effects = []; player.effects.length === 0;) player.pass(500, 12);
      const gapMs = player.nowMs - startMs;
      player.send({ type: 'upgrade-failed', failure: { kind: 'not-connected', detail: '' } });
      return gapMs;
    });
    expect(gapsMs.slice(1)).toEqual([60_000, 120_000, 240_000, 480_000, 600_000]);
  });

  it('returns to HLS if it stalls right after adoption', () => {
    const player = new SimulatedPlayer().playing('hls').pass(20_000, 12).send({ type: 'upgrade-ready' });
    const waitBeforeMs = 30_000;
    player.pass(5_500);
    expect(player.state.transport).toBe('hls');
    expect((player.state.upgrade?.atMs ?? 0) - player.nowMs).toBeGreaterThanOrEqual(waitBeforeMs);
  });

  it('is closed on stop and when HLS fails', () => {
    const stopped = new SimulatedPlayer().playing('hls').pass(20_000, 12).send({ type: 'stop' });
    expect(stopped.effects).toEqual([{ type: 'close-upgrade' }, { type: 'close' }]);
    const failed = new SimulatedPlayer().playing('hls').pass(20_000, 12).fail('server');
    expect(failed.effects).toEqual([{ type: 'close-upgrade' }, { type: 'close' }]);
  });
});
