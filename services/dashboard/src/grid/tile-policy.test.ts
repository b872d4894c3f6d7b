import { describe, expect, it } from '@jest/globals';
import { sampleCamera, sampleStatus } from '../live/sample-camera.ts';
import { tileAddresses, wantsLive } from './tile-policy.ts';

const always = sampleCamera('a');
const onDemand = sampleCamera('a', { lifecycle: { start: 'OnDemand', idleSeconds: 30 } });
const fresh = { asked: false, playing: false };

describe('a tile on the screen', () => {
  it.each([
    ['RUNNING', true],
    ['STARTING', true],
    ['IDLE', false],
    ['ERROR', false],
    ['STOPPED', false],
    ['STOPPING', false],
  ] as const)('of a camera that is %s plays: %s', (phase, plays) => {
    expect(wantsLive(always, sampleStatus('a', { phase }), fresh)).toBe(plays);
  });

  it('keeps playing while its camera fails, so that it is back at once', () => {
    expect(wantsLive(always, sampleStatus('a', { phase: 'ERROR' }), { asked: false, playing: true })).toBe(
      true,
    );
  });

  it('does not start an on-demand camera unless asked', () => {
    const idle = sampleStatus('a', { phase: 'IDLE' });
    expect(wantsLive(onDemand, idle, fresh)).toBe(false);
    expect(wantsLive(onDemand, sampleStatus('a'), fresh)).toBe(false);
    expect(wantsLive(onDemand, idle, { asked: true, playing: false })).toBe(true);
  });

  it('does not play before anything was heard of its camera', () => {
    expect(wantsLive(always, undefined, fresh)).toBe(false);
    const nowhere = sampleStatus('a', { endpoints: { rtsp: '', hls: '', webrtc: '', sub: null } });
    expect(wantsLive(always, nowhere, fresh)).toBe(false);
  });

  it('plays the small stream where there is one', () => {
    const { endpoints } = sampleStatus('a');
    const sub = { rtsp: 'r', hls: 'h', webrtc: 'w' };
    expect(tileAddresses(sampleStatus('a', { endpoints: { ...endpoints, sub } }))).toEqual(sub);
    expect(tileAddresses(sampleStatus('a'))?.webrtc).toBe('http://127.0.0.1:8889/a');
  });
});
