import { describe, expect, it } from '@jest/globals';
import { initialReading, readingAfter, sampleLimits } from './path-reading.ts';
import type { Published, ReadingEvent, ReadingState } from './path-reading.ts';
import type { PathSample } from './sample-path.ts';

const copied: Published = { codec: 'h264', size: null, isCopied: true, hasFrames: false };
const good: PathSample = {
  ...{ decoded: 3, ending: 'complete' },
  picture: { pixelFormat: 'yuv420p', width: 640, height: 360 },
  received: { pictures: 8, keyFrames: 1, bFrames: 0 },
};
const nothing: PathSample = {
  ...{ decoded: 0, ending: 'timed-out', picture: null },
  received: { pictures: 8, keyFrames: 2, bFrames: 0 },
};
const withoutKeyFrame = { ...nothing, received: { pictures: 80, keyFrames: 0, bFrames: 0 } };
const refused: PathSample = { ...nothing, received: null, ending: 'failed' };

function sampled(sample: PathSample, published = copied): ReadingEvent {
  return { type: 'sampled', sample, published };
}

/** Applies events a second apart, the first at 1000. */
function after(...events: ReadingEvent[]): ReadingState {
  return events.reduce(
    (state, event, index) => readingAfter(state, event, (index + 1) * 1000),
    initialReading,
  );
}

const live: ReadingEvent = { type: 'live', published: copied };

describe('what readers of a path get', () => {
  it('is unknown until the first sample, which is due when the video becomes live', () => {
    expect(after(live)).toMatchObject({ isReadable: null, browser: null, sampleAtMs: 1000 });
  });

  it('is known after a sample, and sampled again after minutes', () => {
    expect(after(live, sampled(good))).toMatchObject({
      ...{ isReadable: true, sampleAtMs: 302_000 },
      browser: { hasBFrames: false, hasKeyFrames: true, pixelFormat: 'yuv420p' },
    });
  });

  it('is known from JPEG frames, which need no sample of an encoded stream', () => {
    const encoded = { ...copied, isCopied: false, hasFrames: true };
    const started = after({ type: 'live', published: encoded });
    expect(started.sampleAtMs).toBe(11_000);
    expect(readingAfter(started, { type: 'frame', isCopied: false }, 2000)).toMatchObject({
      ...{ isReadable: true, sampleAtMs: null },
      browser: { hasBFrames: false, hasKeyFrames: true },
    });
  });

  it('is sampled again when JPEG frames stop', () => {
    const state = after(live, { type: 'frame', isCopied: true }, sampled(good));
    expect(state.sampleAtMs).toBeNull();
    const tick: ReadingEvent = { type: 'tick', frameIntervalMs: 40 };
    expect(readingAfter(state, tick, 10_000).sampleAtMs).toBeNull();
    expect(readingAfter(state, tick, 13_000).sampleAtMs).toBe(13_000);
    expect(readingAfter(state, { type: 'tick', frameIntervalMs: 3000 }, 13_000).sampleAtMs).toBeNull();
  });

  it('is not decodable after two samples without a picture, and decodable after one with', () => {
    expect(after(live, sampled(nothing))).toMatchObject({ isReadable: null, misses: 1, sampleAtMs: 2000 });
    const state = after(live, sampled(nothing), sampled(nothing));
    expect(state).toMatchObject({ isReadable: false, problem: { reason: 'NotDecodable' } });
    expect(readingAfter(state, sampled(good), 9000)).toMatchObject({ isReadable: true, problem: null });
  });

  it('waits longer and longer for a key frame before it reports that none arrives', () => {
    const states = [1, 2, 3].map((count) =>
      after(live, ...Array.from({ length: count }, () => sampled(withoutKeyFrame))),
    );
    expect(states.map(({ isReadable }) => isReadable)).toEqual([null, null, false]);
    const timeouts = [after(live), ...states.slice(0, 2)].map(
      (state) => sampleLimits(state, copied).timeoutMs,
    );
    expect(timeouts).toEqual([5000, 20_000, 75_000]);
    expect(states[2]?.problem?.reason).toBe('NoKeyFrame');
  });

  it('retries later if MediaMTX refuses the reader', () => {
    expect(after(live, sampled(refused), sampled(refused))).toMatchObject({
      ...{ isReadable: null, misses: 2, sampleAtMs: 6000 },
    });
  });

  it('is not decodable if a copied MJPEG arrives with another size', () => {
    const published = { ...copied, codec: 'mjpeg', size: { width: 2560, height: 1440 } };
    const sample = { ...good, received: null };
    const state = after(live, sampled(sample, published), sampled(sample, published));
    expect(state.problem?.message).toContain('2040 pixels');
    expect(after(live, sampled(sample, { ...published, isCopied: false })).isReadable).toBe(true);
  });

  it('is forgotten when the video ends, except what browsers need to know', () => {
    const state = after(live, sampled(good), { type: 'ended' });
    expect(state).toMatchObject({ isReadable: null, sampleAtMs: null, browser: { hasBFrames: false } });
  });

  it('is sampled again when MediaMTX reports a change, at most once a minute', () => {
    expect(after(live, sampled(good), { type: 'pathChanged' }).sampleAtMs).toBe(62_000);
  });

  it('takes longer samples of a slow camera until B-frames are known', () => {
    const one = { ...good, received: { pictures: 1, keyFrames: 1, bFrames: 0 } };
    const state = after(live, { type: 'decoded' }, sampled(one));
    expect(state).toMatchObject({ isReadable: true, browser: { hasBFrames: null } });
    expect(sampleLimits(state, copied)).toMatchObject({ timeoutMs: 75_000, settleMs: 40_000 });
    expect(readingAfter(state, sampled(good), 9000).browser?.hasBFrames).toBe(false);
  });

  it('takes short samples of MJPEG, which consists of key frames', () => {
    const published = { ...copied, codec: 'mjpeg' };
    const state = after(live, sampled({ ...nothing, received: null }, published));
    expect(sampleLimits(state, published).timeoutMs).toBe(5000);
  });

  it('is sampled again soon if frames arrive, but no sample has shown what browsers need', () => {
    const state = after(live, { type: 'frame', isCopied: true }, sampled(withoutKeyFrame));
    expect(after(live, { type: 'frame', isCopied: true }).isReadable).toBe(true);
    const unknown = { ...nothing, received: { pictures: 1, keyFrames: 0, bFrames: 0 } };
    expect(after(live, { type: 'frame', isCopied: true }, sampled(unknown)).sampleAtMs).toBe(8000);
    expect(state.sampleAtMs).toBe(303_000);
  });
});
