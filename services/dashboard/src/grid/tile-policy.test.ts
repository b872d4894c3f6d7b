import { describe, expect, it } from '@jest/globals';
import { sampleCamera, sampleCondition, sampleStatus } from '../live/sample-camera.ts';
import { tileAddresses, shouldPlayTile } from './tile-policy.ts';

const always = sampleCamera('a');
const onDemand = sampleCamera('a', { lifecycle: { start: 'OnDemand', idleSeconds: 30 } });
const fresh = { requested: false, playing: false };

describe('a visible tile', () => {
  it.each([
    ['RUNNING', true],
    ['STARTING', true],
    ['IDLE', false],
    ['ERROR', false],
    ['STOPPED', false],
    ['STOPPING', false],
  ] as const)('of a camera in phase %s plays: %s', (phase, plays) => {
    expect(shouldPlayTile(always, sampleStatus('a', { phase }), fresh)).toBe(plays);
  });

  it('waits for the first start of its camera, but keeps playing', () => {
    const first = sampleStatus('a', { phase: 'STARTING', lastFrameTime: null });
    expect(shouldPlayTile(always, first, fresh)).toBe(false);
    expect(shouldPlayTile(always, first, { ...fresh, playing: true })).toBe(true);
  });

  it('keeps playing while its camera fails', () => {
    expect(
      shouldPlayTile(always, sampleStatus('a', { phase: 'ERROR' }), { requested: false, playing: true }),
    ).toBe(true);
  });

  it('starts an on-demand camera only on request', () => {
    const idle = sampleStatus('a', { phase: 'IDLE' });
    expect(shouldPlayTile(onDemand, idle, fresh)).toBe(false);
    expect(shouldPlayTile(onDemand, sampleStatus('a'), fresh)).toBe(false);
    expect(shouldPlayTile(onDemand, idle, { requested: true, playing: false })).toBe(true);
  });

  it('does not play before its camera has a status', () => {
    expect(shouldPlayTile(always, undefined, fresh)).toBe(false);
    const nowhere = sampleStatus('a', { endpoints: { rtsp: '', hls: '', webrtc: '', sub: null } });
    expect(shouldPlayTile(always, nowhere, fresh)).toBe(false);
  });

  it('plays the sub stream if there is one', () => {
    const { endpoints } = sampleStatus('a');
    const sub = { rtsp: 'r', hls: 'h', webrtc: 'w' };
    expect(tileAddresses(sampleStatus('a', { endpoints: { ...endpoints, sub } }))).toEqual(sub);
    expect(tileAddresses(sampleStatus('a'))?.webrtc).toBe('http://127.0.0.1:8889/a');
  });

  it('plays the main stream if the camera does not offer the sub stream', () => {
    const { endpoints } = sampleStatus('a');
    const conditions = [sampleCondition('SubStreamReady', 'False')];
    const sub = { rtsp: 'r', hls: 'h', webrtc: 'w' };
    const status = sampleStatus('a', { endpoints: { ...endpoints, sub }, conditions });
    expect(tileAddresses(status)?.webrtc).toBe('http://127.0.0.1:8889/a');
  });
});
