import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cameraInputSchema } from '@camplane/contracts/camera';
import type { StreamFailureKind } from '@camplane/contracts/camera-status';
import * as restarts from '@camplane/supervisor/restart-machine';
import { defaultRestartPolicy as policy } from '@camplane/supervisor/restart-policy';
import { initialStreamState, isLive, tapFrames, transition } from './stream-machine.ts';
import type { StreamEffect, StreamEvent, StreamState } from './stream-machine.ts';
import { nothingKnown } from './source-memory.ts';
import { planStream } from './stream-plan.ts';
import { requireStreamSettings } from './stream-settings.ts';
import { hasDemand } from './viewer-demand.ts';

const idleMs = 30_000;

const direct = {
  route: 'direct',
  isDescribed: true,
  audio: false,
  missingSound: null,
  hadFrames: false,
} as const;

function settingsOf(input: object = {}) {
  const { source, ...spec } = cameraInputSchema.parse({ source: { url: 'rtsp://camera/1' }, ...input });
  const camera = {
    id: 'door',
    spec: { ...spec, source },
    credentials: null,
    generation: 1,
    startRequestedAt: null,
  };
  return requireStreamSettings(camera, 'main');
}
const onDemand = (input: object = {}) =>
  settingsOf({ lifecycle: { start: 'OnDemand', idleSeconds: idleMs / 1000 }, ...input });

const observed = (viewers: number, change: Partial<Extract<StreamEvent, { type: 'pathObserved' }>> = {}) =>
  ({
    type: 'pathObserved',
    path: {
      online: true,
      tracks: [{ codec: 'H264', width: 640, height: 360 }],
      viewers: { total: viewers, webrtc: viewers, hls: 0 },
    },
    mediaServerUp: true,
    fps: null,
    ...change,
  }) as const satisfies StreamEvent;

/** The stream machine on top of the supervisor's restart machine; the test ends the runs. */
function createWorld(settings = onDemand()) {
  let nowMs = 0;
  let run = restarts.initialState;
  let state = initialStreamState(settings, true, nowMs);
  let runs = 0;
  const effects: StreamEffect['type'][] = [];

  function stream(event: StreamEvent): void {
    const queue = [event];
    for (let next = queue.shift(); next; next = queue.shift()) {
      const step = transition(state, next, nowMs);
      state = step.state;
      for (const { type } of step.effects) {
        effects.push(type);
        if (type === 'startRun') queue.push(...supervisor({ type: 'startRequested' }));
        if (type === 'restartRun') queue.push(...supervisor({ type: 'restartRequested' }));
        if (type === 'stopRun') queue.push(...supervisor({ type: 'stopRequested' }));
      }
    }
  }

  /** One event of the supervisor; what it reports to the stream. */
  function supervisor(event: restarts.MachineEvent): StreamEvent[] {
    const before = run;
    const step = restarts.transition(run, event, nowMs, policy, () => 0.5);
    run = step.state;
    runs += step.effects.filter(({ type }) => type === 'run').length;
    if (run.phase === before.phase && run.failure === before.failure) return [];
    return [{ type: 'runChanged', phase: run.phase, failure: run.failure?.kind ?? null }];
  }

  return {
    stream,
    advance(ms: number) {
      const endMs = nowMs + ms;
      for (let dueMs = restarts.nextTickMs(run, policy); dueMs !== null && dueMs <= endMs;) {
        nowMs = Math.max(nowMs, dueMs);
        supervisor({ type: 'tick' }).forEach(stream);
        const nextMs = restarts.nextTickMs(run, policy);
        dueMs = nextMs === dueMs ? null : nextMs;
      }
      nowMs = endMs;
      stream({ type: 'tick' });
    },
    frames: () => supervisor({ type: 'frames', count: 1 }).forEach(stream),
    endRun(kind: StreamFailureKind | null) {
      if (runs === 0) return;
      runs -= 1;
      supervisor({ type: 'runEnded', failure: kind && { kind, message: kind } }).forEach(stream);
    },
    get state() {
      return state;
    },
    get run() {
      return run;
    },
    get runs() {
      return runs;
    },
    get hasDemand() {
      return hasDemand(state.demand, nowMs);
    },
    effects,
  };
}
type World = ReturnType<typeof createWorld>;

const failures: StreamFailureKind[] = [
  ...(['CredentialsRefused', 'ProcessorLimitExceeded'] as const),
  ...(['TimedOut', 'MediaServerUnavailable', 'Killed'] as const),
];
const configurations = [
  onDemand(),
  onDemand({ source: { url: 'rtsp://camera/2' } }),
  onDemand({ detection: { enabled: false } }),
  settingsOf(),
  settingsOf({ enabled: false }),
  settingsOf({ video: { mode: 'overlay' } }),
];

const command: fc.Arbitrary<(world: World) => void> = fc.oneof(
  fc.constantFrom(...configurations).map((settings) => (world: World) => {
    world.stream({ type: 'configured', settings });
  }),
  fc
    .constantFrom<StreamEvent>(
      { type: 'startRequested' },
      { type: 'viewerArrived' },
      { type: 'pathPrepared', accepted: true },
      { type: 'framesRequested', frames: null },
      { type: 'framesRequested', frames: { fps: 2, width: 640, quality: 80, keyFramesOnly: false } },
      observed(0),
      observed(2),
      observed(0, { path: null }),
      observed(0, { mediaServerUp: false, path: null }),
    )
    .map((event) => (world: World) => world.stream(event)),
  fc.constant((world: World) => world.frames()),
  fc.constantFrom(null, ...failures).map((kind) => (world: World) => world.endRun(kind)),
  fc.integer({ min: 1, max: 60_000 }).map((ms) => (world: World) => world.advance(ms)),
);
const close = (world: World) => world.stream({ type: 'closed' });
const commands = fc.array(command, { maxLength: 40 });

function play(steps: ((world: World) => void)[], check: (world: World) => void = () => undefined): World {
  const world = createWorld();
  for (const step of steps) {
    step(world);
    check(world);
  }
  return world;
}

const isLatched = ({ run }: World) =>
  run.phase === 'waiting' && /CredentialsRefused|ProcessorLimitExceeded/.test(run.failure?.kind ?? '');

describe('the stream machine, for any sequence of events', () => {
  it('never has two sessions at once', () => {
    fc.assert(
      fc.property(commands, (steps) => {
        play(steps, (world) => expect(world.runs).toBeLessThanOrEqual(1));
      }),
    );
  });

  it('knows the phase of the run', () => {
    fc.assert(
      fc.property(commands, (steps) => {
        play(steps, ({ state, run }) => expect(state.run.phase).toBe(run.phase));
      }),
    );
  });

  it('keeps no session without demand, except a latched one that waits', () => {
    fc.assert(
      fc.property(commands, (steps) => {
        play(steps, (world) => {
          const { phase } = world.run;
          const isEnding = world.run.phase === 'stopping' && world.run.reason.then === 'stopped';
          if (!world.hasDemand) expect(phase === 'stopped' || isEnding || isLatched(world)).toBe(true);
        });
      }),
    );
  });

  it('is never stopped while there is demand', () => {
    fc.assert(
      fc.property(commands, (steps) => {
        play(steps, (world) => {
          if (world.hasDemand) expect(world.run.phase).not.toBe('stopped');
        });
      }),
    );
  });

  it('ends in stopped after a close, and starts nothing afterwards', () => {
    fc.assert(
      fc.property(commands, commands, (before, after) => {
        const world = play([...before, close]);
        const started = world.effects.filter((type) => type === 'startRun').length;
        world.endRun(null);
        expect(world.run.phase).toBe('stopped');
        for (const step of after) step(world);
        expect(world.runs).toBe(0);
        expect(world.effects.filter((type) => type === 'startRun')).toHaveLength(started);
      }),
    );
  });

  it('is idle once an on-demand camera had no viewers for its idle time', () => {
    fc.assert(
      fc.property(commands, (steps) => {
        const world = play([
          ...steps,
          ({ stream }) => stream({ type: 'configured', settings: onDemand() }),
          ({ stream }) => stream(observed(0)),
          ({ advance }) => advance(idleMs),
          ({ endRun }) => endRun(null),
        ]);
        expect(world.run.phase === 'stopped' || isLatched(world)).toBe(true);
        expect(world.runs).toBe(0);
      }),
    );
  });

  it('reports the start and the end of video in turns', () => {
    fc.assert(
      fc.property(commands, (steps) => {
        const { effects } = play(steps);
        const video = effects.filter((type) => type === 'videoStarted' || type === 'videoEnded');
        video.forEach((type, index) => expect(type).toBe(index % 2 === 0 ? 'videoStarted' : 'videoEnded'));
      }),
    );
  });

  it('asks for frames only while video is live', () => {
    fc.assert(
      fc.property(commands, (steps) => {
        play(steps, ({ state }) => {
          if (!isLive(state)) expect(tapFrames(state)).toBeNull();
        });
      }),
    );
  });
});

describe('the stream machine', () => {
  const started: ((world: World) => void)[] = [({ stream }) => stream({ type: 'viewerArrived' })];
  const live: ((world: World) => void)[] = [...started, ({ frames }) => frames()];
  const types = (step: { effects: StreamEffect[] }) => step.effects.map(({ type }) => type);
  const at = (world: World, event: StreamEvent) => transition(world.state, event, 1000);

  it('starts an on-demand stream with its first viewer', () => {
    expect(play([({ stream }) => stream({ type: 'tick' })]).effects).toEqual([]);
    expect(play(started).effects).toEqual(['startRun', 'changed']);
  });

  it('starts again when a viewer arrives while it is being stopped', () => {
    const world = play([...live, ({ advance }) => advance(20_000), ({ endRun }) => endRun('TimedOut')]);
    world.advance(300);
    world.advance(idleMs - 20_300);
    expect(world.run.phase).toBe('stopping');
    world.stream({ type: 'viewerArrived' });
    world.endRun(null);
    expect(world.run.phase).toBe('starting');
  });

  it('restarts for another source, and discards frames of the old one', () => {
    const settings = onDemand({ source: { url: 'rtsp://camera/2' } });
    const step = at(play(live), { type: 'configured', settings });
    expect(types(step)).toEqual(['discardFrames', 'restartRun', 'changed']);
    expect(step.state).toMatchObject({ plan: null, video: null });
  });

  it('stops instead of restarting when the changed camera is disabled', () => {
    const world = play(live);
    world.stream({
      type: 'configured',
      settings: settingsOf({ enabled: false, source: { url: 'rtsp://camera/2' } }),
    });
    expect(world.run).toMatchObject({ phase: 'stopping', reason: { then: 'stopped' } });
  });

  it('discards frames when a privacy mask is added, without a restart', () => {
    const points = [0, 1, 2].map((n) => ({ x: n / 2, y: n === 1 ? 1 : 0 }));
    const overlay = (privacyMasks: object[]) =>
      onDemand({ video: { mode: 'overlay', overlay: { privacyMasks } } });
    const state: StreamState = { ...play(live).state, settings: overlay([]) };
    const step = transition(state, { type: 'configured', settings: overlay([{ points }]) }, 0);
    expect(types(step)).toEqual(['discardFrames', 'changed']);
  });

  it('retries at once when MediaMTX is reachable again', () => {
    const world = play([
      ...started,
      ({ stream }) => stream(observed(1, { mediaServerUp: false, path: null })),
      ({ endRun }) => endRun('MediaServerUnavailable'),
    ]);
    expect(types(at(world, observed(0)))).toContain('restartRun');
    expect(types(at(play([...started, ({ endRun }) => endRun('TimedOut')]), observed(0)))).not.toContain(
      'restartRun',
    );
  });

  it('knows the video from the source when its first frame arrives', () => {
    const source = { codec: 'h265', width: 1280, height: 720, fps: 15, hasBFrames: null, hasAudio: false };
    const inspect = (mode: 'copy' | 'transcode') => (world: World) => {
      const plan = planStream(onDemand({ video: { mode } }), source);
      world.stream({ type: 'sourceInspected', plan, attempt: { ...direct, facts: source } });
    };
    const video = { width: 1280, height: 720, fps: null };
    for (const [mode, codec] of [
      ['copy', 'h265'],
      ['transcode', 'h264'],
    ] as const) {
      const world = play([...started, inspect(mode), ({ frames }) => frames()]);
      expect(world.state.video).toEqual({ codec, ...video });
    }
  });

  it('relays after FFmpeg failed to open a source, until its configuration changes', () => {
    const source = { codec: 'h264', width: 640, height: 360, fps: null, hasBFrames: null, hasAudio: false };
    const world = play([
      ...started,
      ({ stream }) => {
        const plan = planStream(onDemand(), source);
        stream({ type: 'sourceInspected', plan, attempt: { ...direct, facts: source } });
      },
      ({ endRun }) => endRun('NoFirstFrame'),
    ]);
    expect(world.state.memory.route).toBe('relay');
    world.stream({ type: 'configured', settings: onDemand({ video: { mode: 'transcode' } }) });
    expect(world.state.memory).toEqual(nothingKnown);
  });

  it('keeps the last video while readers see the slate', () => {
    const world = play([...live, ({ stream }) => stream(observed(1))]);
    const video = { codec: 'h264', width: 640, height: 360, fps: null };
    expect(world.state.video).toEqual(video);
    world.endRun('TimedOut');
    const viewers = { total: 1, webrtc: 1, hls: 0 };
    world.stream(observed(1, { path: { online: false, tracks: [], viewers } }));
    expect(world.state.video).toEqual(video);
  });

  it('reports a change only when something changed', () => {
    const world = play([...live, ({ stream }) => stream(observed(1))]);
    expect(types(at(world, observed(1)))).toEqual([]);
    expect(types(at(world, observed(2)))).toEqual(['changed']);
    expect(types(at(world, observed(1, { fps: 25 })))).toEqual(['changed']);
  });
});
