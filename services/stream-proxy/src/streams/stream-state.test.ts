import { describe, expect, it } from '@jest/globals';
import { showsCamera, streamStateOf } from './stream-state.ts';

const status = (phase: 'RUNNING' | 'IDLE' | 'STARTING' | 'ERROR' | 'STOPPED') => ({
  phase,
  isRunning: phase === 'RUNNING',
  reason: `Is${phase}`,
  message: 'because',
  video: null,
  sub: null,
});
const failure = { kind: 'NotFound', message: 'no such path' };

describe('the state of a stream', () => {
  it.each([
    ['frames without a status', { status: undefined, failure: null, hasFrame: true }, 'live', null],
    [
      'frames of a running camera',
      { status: status('RUNNING'), failure: null, hasFrame: true },
      'live',
      null,
    ],
    [
      'no frame yet',
      { status: status('RUNNING'), failure: null, hasFrame: false },
      'starting',
      'AwaitingFrame',
    ],
    ['an on-demand camera', { status: status('IDLE'), failure: null, hasFrame: false }, 'starting', 'IsIDLE'],
    ['a starting camera', { status: status('STARTING'), failure, hasFrame: false }, 'starting', 'IsSTARTING'],
    [
      'a failed camera that has a slate',
      { status: status('ERROR'), failure: null, hasFrame: true },
      'offline',
      'IsERROR',
    ],
    ['a stopped camera', { status: status('STOPPED'), failure, hasFrame: false }, 'offline', 'IsSTOPPED'],
    ['a failed FFmpeg', { status: status('RUNNING'), failure, hasFrame: false }, 'offline', 'NotFound'],
  ] as const)('with %s', (_what, facts, state, reason) => {
    expect(streamStateOf({ ...facts, source: 'main' })).toMatchObject({ state, reason });
  });

  it('does not show the slate of a camera that is not running', () => {
    const shown = [undefined, status('RUNNING'), status('ERROR')].map((each) => showsCamera(each, 'main'));
    expect(shown).toEqual([true, true, false]);
  });

  it('shows the camera while the sub stream is live, also if the main stream is idle', () => {
    const withSub = (phase: 'RUNNING' | 'IDLE' | 'STOPPED', reason: string) => ({
      ...status(phase),
      sub: { status: 'True' as const, reason },
    });
    expect(showsCamera(withSub('IDLE', 'FramesFlowing'), 'sub')).toBe(true);
    expect(showsCamera(withSub('RUNNING', 'Offered'), 'sub')).toBe(false);
    const facts = { source: 'sub' as const, failure: null, hasFrame: false };
    expect(streamStateOf({ ...facts, status: withSub('RUNNING', 'Offered') })).toMatchObject({
      state: 'starting',
      reason: 'AwaitingFrame',
    });
    expect(streamStateOf({ ...facts, status: withSub('STOPPED', 'NoViewers') })).toMatchObject({
      state: 'offline',
      reason: 'IsSTOPPED',
    });
  });
});
