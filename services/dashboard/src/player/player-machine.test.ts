import { describe, expect, it } from '@jest/globals';
import type { PlayFailureKind } from './play-failure.ts';
import { idlePlayer, stallAfterMs, transition, transports } from './player-machine.ts';
import type { PlayerEffect, PlayerEvent, PlayerState, Transport } from './player-machine.ts';

/** Drives the machine with a simulated clock that ticks every half second, like the real player. */
class SimulatedPlayer {
  state: PlayerState = idlePlayer;
  effects: PlayerEffect[] = [];
  nowMs = 1_000;
  frames = 0;

  start({
    supported = [...transports],
    limited = false,
  }: { supported?: Transport[]; limited?: boolean } = {}): this {
    return this.send({ type: 'play', supported, limited });
  }

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
  playing(transport: Transport, limited = false): this {
    this.start({ limited });
    while (this.state.transport !== transport) this.fail('not-connected');
    return this.send({ type: 'connected', frames: this.frames }).pass(12_000, 12);
  }
}

const opened = (player: SimulatedPlayer) => player.effects.filter(({ type }) => type === 'open');

describe('the player', () => {
  it('opens WebRTC first and plays from the first frame', () => {
    const player = new SimulatedPlayer().start();
    expect(player.effects).toEqual([{ type: 'open', transport: 'webrtc' }]);
    player.send({ type: 'connected', frames: 0 });
    expect(player.state.phase).toBe('connecting');
    player.pass(500, 1);
    expect(player.state).toMatchObject({ phase: 'playing', transport: 'webrtc' });
  });

  it('opens HLS in a browser without WebRTC and never tries WebRTC', () => {
    const player = new SimulatedPlayer().start({ supported: ['hls', 'jpeg'] });
    expect(player.effects).toEqual([{ type: 'open', transport: 'hls' }]);
    player.send({ type: 'connected', frames: 0 }).pass(700_000, 10);
    expect(player.state).toMatchObject({
      transport: 'hls',
      obstacles: { webrtc: { failure: { kind: 'unsupported' } } },
    });
    expect(player.effects).toEqual([]);
  });

  it.each<PlayFailureKind>(['not-connected', 'unreachable', 'codec', 'server', 'closed'])(
    'falls back to HLS at once when WebRTC fails: %s',
    (kind) => {
      const player = new SimulatedPlayer().start().fail(kind);
      expect(player.effects).toEqual([{ type: 'close' }, { type: 'open', transport: 'hls' }]);
      expect(player.state.obstacles.webrtc?.failure).toEqual({ kind, detail: '' });
    },
  );

  it.each<PlayFailureKind>(['absent', 'refused'])(
    'retries without falling back when the stream is %s',
    (kind) => {
      const player = new SimulatedPlayer().start().fail(kind);
      expect(player.effects).toEqual([{ type: 'close' }]);
      expect(player.state).toMatchObject({
        phase: 'waiting',
        transport: 'webrtc',
        obstacles: { webrtc: null },
      });
      player.pass(1_000);
      expect(opened(player)).toEqual([{ type: 'open', transport: 'webrtc' }]);
    },
  );

  it('does not count a late frame of the previous connection', () => {
    const player = new SimulatedPlayer().start().fail('closed').pass(500, 1);
    expect(player.state).toMatchObject({ phase: 'connecting', transport: 'hls' });
    player.send({ type: 'connected', frames: player.frames }).pass(500);
    expect(player.state.phase).toBe('connecting');
    player.pass(500, 1);
    expect(player.state.phase).toBe('playing');
  });

  it('falls back when the connection times out', () => {
    const player = new SimulatedPlayer().start().pass(6_000);
    expect(player.state).toMatchObject({
      transport: 'hls',
      obstacles: { webrtc: { failure: { kind: 'not-connected' } } },
    });
  });

  it('waits longer for the first frame than for the connection', () => {
    const player = new SimulatedPlayer().start().send({ type: 'connected', frames: 0 }).pass(11_500);
    expect(player.state).toMatchObject({ phase: 'connecting', transport: 'webrtc' });
    player.pass(500);
    expect(player.state.obstacles.webrtc?.failure.kind).toBe('no-frames');
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
      obstacles: { webrtc: { failure: { kind: 'unreachable' } } },
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
    expect(player.state).toMatchObject({ phase: 'waiting', transport: 'webrtc', transportFailures: 2 });
  });

  it('falls back to pictures when HLS fails, too, and keeps both reasons', () => {
    const player = new SimulatedPlayer().start().fail('unreachable').fail('codec');
    expect(player.effects).toEqual([{ type: 'close' }, { type: 'open', transport: 'jpeg' }]);
    player.send({ type: 'connected', frames: 0 }).pass(500, 1);
    expect(player.state).toMatchObject({
      phase: 'playing',
      transport: 'jpeg',
      obstacles: { webrtc: { failure: { kind: 'unreachable' } }, hls: { failure: { kind: 'codec' } } },
    });
  });

  it('reconnects HLS and pictures that have worked before it changes the transport', () => {
    for (const transport of ['hls', 'jpeg'] as const) {
      const player = new SimulatedPlayer().playing(transport).fail('closed');
      expect(player.state).toMatchObject({ phase: 'waiting', transport });
    }
  });

  it('retries rarely when nothing can play the codec', () => {
    const player = new SimulatedPlayer()
      .start({ supported: ['webrtc', 'hls'] })
      .fail('codec')
      .fail('codec');
    expect(player.state).toMatchObject({ phase: 'waiting' });
    player.pass(59_500);
    expect(player.state.phase).toBe('waiting');
  });

  it('waits ten seconds when the server sends no more pictures', () => {
    const player = new SimulatedPlayer().start({ limited: true }).fail('limit');
    player.pass(9_500);
    expect(player.state).toMatchObject({ phase: 'waiting', transport: 'jpeg' });
    player.pass(500);
    expect(opened(player)).toEqual([{ type: 'open', transport: 'jpeg' }]);
  });

  it('backs off after each consecutive failure, up to a limit', () => {
    const player = new SimulatedPlayer().start();
    const waitsMs = Array.from({ length: 8 }, () => {
      player.fail('absent');
      const waitMs = (player.state.nextAttemptMs ?? 0) - player.nowMs;
      player.send({ type: 'retry' });
      return waitMs;
    });
    expect(waitsMs).toEqual([375, 750, 1500, 1875, 1875, 1875, 1875, 1875]);
  });

  it('resets failures after a while of video', () => {
    const player = new SimulatedPlayer().start().fail('absent').pass(500);
    player.send({ type: 'connected', frames: 0 }).pass(5_000, 12);
    expect(player.state.failures).toBe(1);
    player.pass(6_000, 12);
    expect(player.state).toMatchObject({ failures: 0, lastFailure: null });
  });

  it('starts with WebRTC again when every transport failed', () => {
    const player = new SimulatedPlayer().start().fail('unreachable').fail('unreachable').fail('unreachable');
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

describe('pictures', () => {
  it('stay connected while the camera sends nothing, and are not shown as live', () => {
    const player = new SimulatedPlayer().playing('jpeg').send({ type: 'held', held: true });
    expect(player.state).toMatchObject({ phase: 'connecting', connected: true, held: true });
    player.pass(120_000);
    expect(player.state.phase).toBe('connecting');
    player.send({ type: 'held', held: false }).pass(1_000, 5);
    expect(player.state).toMatchObject({ phase: 'playing', transport: 'jpeg', held: false });
  });

  it('are reconnected if the camera sends again but no picture comes', () => {
    const player = new SimulatedPlayer().playing('jpeg').send({ type: 'held', held: true }).pass(60_000);
    player.send({ type: 'held', held: false }).pass(12_000);
    expect(player.state).toMatchObject({ phase: 'waiting', lastFailure: { kind: 'no-frames' } });
  });

  it('are all that a limited player opens', () => {
    const player = new SimulatedPlayer().playing('jpeg', true).pass(700_000, 5);
    expect(player.state).toMatchObject({ phase: 'playing', transport: 'jpeg' });
    expect(player.effects).toEqual([]);
    player.fail('closed').fail('closed').fail('closed').pass(3_000);
    expect(player.state.transport).toBe('jpeg');
  });

  it('give way to video without a gap once the limit is lifted', () => {
    const player = new SimulatedPlayer().playing('jpeg', true).send({ type: 'limit', limited: false });
    expect(player.effects).toEqual([]);
    player.pass(500, 3);
    expect(player.effects).toEqual([{ type: 'open-beside', transport: 'webrtc' }]);
    player.send({ type: 'beside-ready' });
    expect(player.effects).toEqual([{ type: 'adopt-beside' }]);
    expect(player.state).toMatchObject({ phase: 'playing', transport: 'webrtc', beside: null });
  });

  it('replace video without a gap when the limit is set', () => {
    const player = new SimulatedPlayer().playing('webrtc').send({ type: 'limit', limited: true });
    expect(player.effects).toEqual([{ type: 'open-beside', transport: 'jpeg' }]);
    expect(player.state).toMatchObject({ phase: 'playing', transport: 'webrtc' });
    player.send({ type: 'beside-ready' });
    expect(player.state).toMatchObject({ phase: 'playing', transport: 'jpeg' });
    expect(player.effects).toEqual([{ type: 'adopt-beside' }]);
  });

  it('are not opened if the limit is lifted again', () => {
    const player = new SimulatedPlayer().playing('webrtc').send({ type: 'limit', limited: true });
    player.send({ type: 'limit', limited: false });
    expect(player.effects).toEqual([{ type: 'close-beside' }]);
    player.pass(5_000, 12);
    expect(player.state).toMatchObject({ transport: 'webrtc', beside: null });
  });

  it('end the video that is over the limit even if they fail', () => {
    const player = new SimulatedPlayer().playing('webrtc').send({ type: 'limit', limited: true });
    player.send({ type: 'beside-failed', failure: { kind: 'limit', detail: '' } });
    expect(player.effects).toEqual([{ type: 'close-beside' }, { type: 'close' }]);
    expect(player.state).toMatchObject({ phase: 'waiting', transport: 'jpeg' });
  });
});

describe('a better transport', () => {
  it('is opened while HLS plays, and adopted once it delivers video', () => {
    const player = new SimulatedPlayer().playing('hls').pass(20_000, 12);
    expect(player.effects).toEqual([{ type: 'open-beside', transport: 'webrtc' }]);
    expect(player.state).toMatchObject({ phase: 'playing', transport: 'hls' });
    player.send({ type: 'beside-ready' });
    expect(player.effects).toEqual([{ type: 'adopt-beside' }]);
    player.pass(12_000, 12);
    expect(player.state).toMatchObject({
      phase: 'playing',
      transport: 'webrtc',
      obstacles: { webrtc: null },
      beside: null,
    });
  });

  it('is WebRTC first and HLS next while pictures play, and later WebRTC again', () => {
    const player = new SimulatedPlayer().playing('jpeg').pass(20_000, 3);
    expect(player.effects).toEqual([{ type: 'open-beside', transport: 'webrtc' }]);
    player.send({ type: 'beside-failed', failure: { kind: 'not-connected', detail: '' } }).pass(500, 3);
    expect(player.effects).toEqual([{ type: 'open-beside', transport: 'hls' }]);
    player.send({ type: 'beside-ready' }).pass(29_500, 12);
    expect(player.state).toMatchObject({ phase: 'playing', transport: 'hls', obstacles: { hls: null } });
    player.pass(31_000, 12);
    expect(player.state.beside).toBe('webrtc');
  });

  it('is retried at once in another network, unless the browser cannot play it', () => {
    const player = new SimulatedPlayer().playing('jpeg').send({ type: 'network' }).pass(500, 3);
    expect(player.effects).toEqual([{ type: 'open-beside', transport: 'webrtc' }]);
    const waiting = new SimulatedPlayer().start().fail('absent').send({ type: 'network' });
    expect(opened(waiting)).toEqual([{ type: 'open', transport: 'webrtc' }]);
    const unable = new SimulatedPlayer().start().fail('codec');
    unable.send({ type: 'connected', frames: 0 }).pass(1_000, 12).send({ type: 'network' }).pass(10_000, 12);
    expect(unable.state).toMatchObject({ transport: 'hls', beside: null });
  });

  it('is retried soon after an outage if it worked before', () => {
    const player = new SimulatedPlayer().playing('webrtc');
    player
      .fail('closed')
      .send({ type: 'retry' })
      .fail('unreachable')
      .send({ type: 'retry' })
      .fail('unreachable');
    player.fail('unreachable').send({ type: 'connected', frames: player.frames }).pass(2_500, 3);
    expect(player.state).toMatchObject({ phase: 'playing', transport: 'jpeg', beside: 'webrtc' });
  });

  it('is retried with growing delays', () => {
    const player = new SimulatedPlayer().playing('hls');
    const gapsMs = Array.from({ length: 6 }, () => {
      const startMs = player.nowMs;
      for (player.effects = []; player.effects.length === 0;) player.pass(500, 12);
      const gapMs = player.nowMs - startMs;
      player.send({ type: 'beside-failed', failure: { kind: 'not-connected', detail: '' } });
      return gapMs;
    });
    expect(gapsMs.slice(1)).toEqual([60_000, 120_000, 240_000, 480_000, 600_000]);
  });

  it('is left again if it stalls right after adoption', () => {
    const player = new SimulatedPlayer().playing('hls').pass(20_000, 12).send({ type: 'beside-ready' });
    const waitBeforeMs = 30_000;
    player.pass(5_500);
    expect(player.state.transport).toBe('hls');
    expect((player.state.obstacles.webrtc?.retryAtMs ?? 0) - player.nowMs).toBeGreaterThanOrEqual(
      waitBeforeMs,
    );
  });

  it('is closed on stop and when the one in use fails', () => {
    const stopped = new SimulatedPlayer().playing('hls').pass(20_000, 12).send({ type: 'stop' });
    expect(stopped.effects).toEqual([{ type: 'close-beside' }, { type: 'close' }]);
    const failed = new SimulatedPlayer().playing('hls').pass(20_000, 12).fail('server');
    expect(failed.effects).toEqual([{ type: 'close-beside' }, { type: 'close' }]);
  });
});
