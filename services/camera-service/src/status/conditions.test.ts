import { describe, expect, it } from '@jest/globals';
import { streamFailureKindSchema } from '@camplane/contracts/camera-status';
import { withTransitionTimes } from '@camplane/contracts/transition-times';
import { observeConditions } from './conditions.ts';
import { phaseOf } from './phase.ts';
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
  source: { codec: 'h264', hasBFrames: false },
  missingSound: null,
  video: null,
};

function facts(change: Partial<StreamFacts>, run: Partial<StreamFacts['run']> = {}): StreamFacts {
  return { ...running, ...change, run: { ...running.run, ...run } };
}

function conditionOf(input: StreamFacts, type: string) {
  return observeConditions(input).find((condition) => condition.type === type);
}

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

  it('are Ready for an idle on-demand camera', () => {
    expect(
      conditionOf(facts({ onDemand: true, hasDemand: false }, { phase: 'stopped' }), 'Ready')?.status,
    ).toBe('True');
  });

  it('keep their transition time while the status is unchanged', () => {
    const first = withTransitionTimes(observeConditions(running), [], '2026-01-01T00:00:00.000Z');
    const second = withTransitionTimes(observeConditions(running), first, '2026-01-01T00:01:00.000Z');
    expect(second).toEqual(first);
    const broken = facts({}, { phase: 'waiting', failure: { kind: 'Stalled', message: 'no frames' } });
    const third = withTransitionTimes(observeConditions(broken), second, '2026-01-01T00:02:00.000Z');
    expect(third.find((c) => c.type === 'Ready')?.lastTransitionTime).toBe('2026-01-01T00:02:00.000Z');
    expect(third.find((c) => c.type === 'Connected')?.lastTransitionTime).toBe('2026-01-01T00:00:00.000Z');
  });
});
