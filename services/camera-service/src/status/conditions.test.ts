import { describe, expect, it } from '@jest/globals';
import { streamFailureKindSchema } from '@camplane/contracts/camera-status';
import type { StreamFailureKind } from '@camplane/contracts/camera-status';
import { withTransitionTimes } from '@camplane/contracts/transition-times';
import { observeConditions } from './conditions.ts';
import { phaseOf } from './phase.ts';
import type { CameraFacts, SubStreamFacts } from './camera-facts.ts';
import type { StreamFacts } from './stream-facts.ts';

const running: StreamFacts = {
  enabled: true,
  onDemand: false,
  hasDemand: true,
  mediaServerUp: true,
  announced: true,
  generation: 3,
  mode: 'copy',
  run: {
    phase: 'running',
    inError: false,
    failure: null,
    restarts: 0,
    runningSinceMs: 0,
    lastFrameMs: 0,
    nextAttemptMs: null,
  },
  source: { codec: 'h264', hasBFrames: null },
  reading: {
    ...{ isReadable: true, problem: null },
    browser: { hasBFrames: false, hasKeyFrames: true, pixelFormat: 'yuv420p' },
  },
  tapFailure: null,
  missingSound: null,
  video: null,
};

function facts(change: Partial<StreamFacts>, run: Partial<StreamFacts['run']> = {}): StreamFacts {
  return { ...running, ...change, run: { ...running.run, ...run } };
}

function camera(main: StreamFacts, change: Partial<CameraFacts> = {}): CameraFacts {
  return { main, detection: null, sub: null, nowMs: 60_000, ...change };
}

function conditionOf(input: StreamFacts, type: string, change: Partial<CameraFacts> = {}) {
  return observeConditions(camera(input, change)).find((condition) => condition.type === type);
}

const unread = { isReadable: null, problem: null, browser: null };
const unreadable = {
  ...{ isReadable: false, browser: null },
  problem: { reason: 'NotDecodable' as const, message: 'Readers get nothing.' },
};

describe('phase', () => {
  it.each([
    ['a running camera', facts({}), 'RUNNING', 'FramesFlowing'],
    [
      'a disabled camera',
      facts({ enabled: false, hasDemand: false }, { phase: 'stopped' }),
      'STOPPED',
      'Disabled',
    ],
    [
      'a camera being stopped',
      facts({ enabled: false, hasDemand: false }, { phase: 'stopping' }),
      'STOPPING',
      'StopRequested',
    ],
    [
      'an on-demand camera without viewers',
      facts({ onDemand: true, hasDemand: false }, { phase: 'stopped' }),
      'IDLE',
      'NoViewers',
    ],
    ['a first attempt', facts({}, { phase: 'starting' }), 'STARTING', 'Connecting'],
    ['a camera whose video cannot be decoded', facts({ reading: unreadable }), 'ERROR', 'NotDecodable'],
    ['a lost MediaMTX', facts({ mediaServerUp: false }), 'ERROR', 'MediaServerUnavailable'],
    [
      'a camera that refused the login',
      facts({}, { phase: 'waiting', inError: true, failure: { kind: 'CredentialsRefused', message: 'x' } }),
      'ERROR',
      'CredentialsRefused',
    ],
    [
      'a camera in its first attempts',
      facts({}, { phase: 'waiting', failure: { kind: 'TimedOut', message: 'x' } }),
      'STARTING',
      'TimedOut',
    ],
  ])('of %s', (_name, input, phase, reason) => {
    expect(phaseOf(input)).toMatchObject({ phase, reason });
  });

  it('says that requested sound is left out', () => {
    const view = phaseOf(facts({ missingSound: 'The camera announces sound, but sends none.' }));
    expect(view.message).toBe('Video is live. The camera announces sound, but sends none.');
  });

  it.each(streamFailureKindSchema.options)('states a remedy for %s', (kind) => {
    const view = phaseOf(
      facts({}, { phase: 'waiting', inError: true, failure: { kind, message: 'It failed.' } }),
    );
    expect(view.message.length).toBeGreaterThan('It failed. '.length + 10);
  });
});

describe('the message of a failure', () => {
  const messageOf = (kind: StreamFailureKind, message: string) =>
    phaseOf(facts({}, { phase: 'waiting', failure: { kind, message } })).message;

  it('has the remedy of its kind', () => {
    expect(messageOf('NotFound', 'The camera has no stream at this path (404).')).toBe(
      'The camera has no stream at this path (404). Check the path of the source URL.',
    );
  });

  it('has no second remedy if the refusal states one', () => {
    const refusal =
      "The camera forbids this user to see the stream (403). Allow it in the camera's user settings.";
    expect(messageOf('CredentialsRefused', refusal)).toBe(
      `${refusal} Until then it is retried only every few minutes, so that the account is not locked.`,
    );
    const busy = 'The camera is busy (503). Close other connections to it, or restart it if this lasts.';
    expect(messageOf('TooManyConnections', busy)).toBe(busy);
  });

  it('does not mistake a number or an abbreviation for the end of a sentence', () => {
    expect(
      messageOf('ProcessorLimitExceeded', 'FFmpeg used 4.6 cores over 30 s; 4.0 are allowed.'),
    ).toContain('Choose a smaller stream');
    expect(messageOf('HostNotFound', "The camera's host name cam.example was not found.")).toContain('Check');
  });
});

describe('conditions', () => {
  it('report that browsers do not play H.265 in copy mode, with the remedy', () => {
    const condition = conditionOf(facts({ source: { codec: 'h265', hasBFrames: false } }), 'BrowserPlayable');
    expect(condition).toMatchObject({ status: 'False', reason: 'CodecNotPlayable' });
    expect(condition?.message).toContain('transcode');
  });

  it('report the same for B-frames, but neither in transcode mode', () => {
    expect(
      conditionOf(facts({ source: { codec: 'h264', hasBFrames: true } }), 'BrowserPlayable')?.reason,
    ).toBe('BFrames');
    expect(
      conditionOf(
        facts({ mode: 'transcode', source: { codec: 'h265', hasBFrames: true } }),
        'BrowserPlayable',
      )?.status,
    ).toBe('True');
  });

  it('treat a frozen camera as connected, and one that refuses the connection as not', () => {
    const frozen = facts({}, { phase: 'waiting', failure: { kind: 'Stalled', message: 'no frames' } });
    const refused = facts(
      {},
      { phase: 'waiting', failure: { kind: 'ConnectionRefused', message: 'refused' } },
    );
    expect(conditionOf(frozen, 'Connected')?.status).toBe('True');
    expect(conditionOf(refused, 'Connected')?.status).toBe('False');
    expect(conditionOf(frozen, 'Ready')?.status).toBe('False');
  });

  it.each([
    ['B-frames', { hasBFrames: true }, 'False', 'BFrames'],
    ['intra refresh', { hasKeyFrames: false }, 'False', 'NoKeyFrames'],
    ['10 bits', { pixelFormat: 'yuv420p10le' }, 'False', 'ProfileNotPlayable'],
    ['4:4:4', { pixelFormat: 'yuv444p' }, 'False', 'ProfileNotPlayable'],
    ['a picture without a successor', { hasBFrames: null }, 'Unknown', 'NotSeen'],
    ['plain H.264', {}, 'True', 'CodecPlayable'],
  ])('report by a sample whether browsers play %s', (_what, seen, status, reason) => {
    const browser = { hasBFrames: false, hasKeyFrames: true, pixelFormat: 'yuv420p', ...seen };
    const reading = { isReadable: true, problem: null, browser };
    expect(conditionOf(facts({ reading }), 'BrowserPlayable')).toMatchObject({ status, reason });
  });

  it('are not True before a reader has decoded a picture', () => {
    for (const mode of ['copy', 'transcode', 'overlay'] as const) {
      const starting = facts({ mode, reading: unread });
      expect(conditionOf(starting, 'Readable')).toMatchObject({ status: 'Unknown', reason: 'NotReadYet' });
      expect(conditionOf(starting, 'BrowserPlayable')?.status).toBe('Unknown');
      expect(conditionOf(starting, 'Ready')).toMatchObject({ status: 'False', reason: 'NotReadYet' });
    }
    const failing = facts({ reading: unreadable });
    expect(conditionOf(failing, 'Readable')).toMatchObject({ status: 'False', reason: 'NotDecodable' });
    expect(conditionOf(failing, 'Ready')).toMatchObject({ status: 'False', reason: 'NotDecodable' });
  });

  it('leave open whether a camera that sent no frame is connected', () => {
    const silent = facts({}, { phase: 'waiting', failure: { kind: 'NoFirstFrame', message: 'no frame' } });
    expect(conditionOf(silent, 'Connected')).toMatchObject({ status: 'Unknown', reason: 'NoFirstFrame' });
    expect(conditionOf(silent, 'Readable')).toMatchObject({ status: 'False', reason: 'NoFirstFrame' });
  });

  it.each([
    ['a recent frame', { deliveredMs: 59_000 }, {}, 'True', 'Delivered'],
    ['an old frame', { deliveredMs: 40_000 }, {}, 'False', 'NoFrames'],
    ['an old frame of a slow camera', { deliveredMs: 40_000 }, { fps: 0.1 }, 'True', 'Delivered'],
    ['none yet', { requestedSinceMs: 55_000 }, {}, 'Unknown', 'NotSeen'],
    ['none', {}, {}, 'False', 'NoFrames'],
    ['a refusal', { deliveredMs: 50_000, refusedMs: 59_000 }, {}, 'False', 'EventBusUnavailable'],
  ])('report %s at detection', (_what, change, { fps = 25 }: { fps?: number }, status, reason) => {
    const detection = { requestedFps: 2, requestedSinceMs: 0, deliveredMs: null, refusedMs: null, ...change };
    const main = facts({ video: { codec: 'h264', width: 640, height: 360, fps } });
    expect(conditionOf(main, 'FramesDelivered', { detection })).toMatchObject({ status, reason });
  });

  it("name the tap's failure as the reason that no frame reaches detection", () => {
    const main = facts({ tapFailure: { kind: 'NoFirstFrame', message: 'No video frame within 75 s.' } });
    const detection = { requestedFps: 2, requestedSinceMs: 0, deliveredMs: null, refusedMs: null };
    const condition = conditionOf(main, 'FramesDelivered', { detection });
    expect(condition).toMatchObject({ status: 'False', reason: 'NoFirstFrame' });
    expect(condition?.message).toContain('No video frame within 75 s.');
  });

  it('are absent for detection that is off, and without a sub stream', () => {
    const types = observeConditions(camera(running)).map(({ type }) => type);
    expect(types).toEqual(['Ready', 'Connected', 'FramesFlowing', 'Readable', 'BrowserPlayable']);
  });

  const notFound = { kind: 'NotFound' as const, message: 'No stream there.' };
  it.each<[what: string, sub: SubStreamFacts, status: string, reason: string]>([
    ['not asked for', { stream: null, check: null }, 'Unknown', 'NotTried'],
    ['that the camera refuses', { stream: null, check: { ok: false, ...notFound } }, 'False', 'NotFound'],
    ['that the camera offers', { stream: null, check: { ok: true } }, 'True', 'Offered'],
    ['that is live', { stream: running, check: null }, 'True', 'FramesFlowing'],
    [
      'that no viewer can decode',
      { stream: facts({ reading: unreadable }), check: null },
      'False',
      'NotDecodable',
    ],
    [
      'that failed after the camera offered it',
      { stream: facts({}, { phase: 'waiting', failure: notFound }), check: { ok: true } },
      'False',
      'NotFound',
    ],
  ])('report a sub stream %s', (_what, sub, status, reason) => {
    expect(conditionOf(running, 'SubStreamReady', { sub })).toMatchObject({ status, reason });
  });

  it('are Ready for an idle on-demand camera', () => {
    expect(
      conditionOf(facts({ onDemand: true, hasDemand: false }, { phase: 'stopped' }), 'Ready')?.status,
    ).toBe('True');
  });

  it('keep their transition time while the status is unchanged', () => {
    const first = withTransitionTimes(observeConditions(camera(running)), [], '2026-01-01T00:00:00.000Z');
    const second = withTransitionTimes(observeConditions(camera(running)), first, '2026-01-01T00:01:00.000Z');
    expect(second).toEqual(first);
    const broken = facts({}, { phase: 'waiting', failure: { kind: 'Stalled', message: 'no frames' } });
    const third = withTransitionTimes(observeConditions(camera(broken)), second, '2026-01-01T00:02:00.000Z');
    expect(third.find((c) => c.type === 'Ready')?.lastTransitionTime).toBe('2026-01-01T00:02:00.000Z');
    expect(third.find((c) => c.type === 'Connected')?.lastTransitionTime).toBe('2026-01-01T00:00:00.000Z');
  });
});
