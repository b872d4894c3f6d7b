import { describe, expect, it } from '@jest/globals';
import { explainSource } from './explain-source.ts';
import type { SourceObservation } from './explain-source.ts';

const plain: SourceObservation = {
  video: { codec: 'h264', width: 1920, height: 1080, fps: 25, hasBFrames: false },
  audio: { codec: 'aac', isSent: true },
  source: {
    kind: 'rtsp',
    login: 'digest-md5',
    tls: null,
    tracks: [],
    keyFrameIntervalS: 2,
    intraRefresh: false,
    bitRateKbps: 4000,
    answerMs: 30,
    firstPictureMs: 100,
    firstKeyFrameMs: 100,
  },
  copyRefusal: null,
};

function changed(changes: {
  video?: Partial<SourceObservation['video']>;
  audio?: SourceObservation['audio'];
  source?: Partial<SourceObservation['source']>;
  copyRefusal?: string;
}): SourceObservation {
  return {
    video: { ...plain.video, ...changes.video },
    audio: changes.audio === undefined ? plain.audio : changes.audio,
    source: { ...plain.source, ...changes.source },
    copyRefusal: changes.copyRefusal ?? null,
  };
}

describe('explainSource', () => {
  it('has no advice for a plain camera', () => {
    const { advice, suggestedMode, willRun, consequences } = explainSource(plain);
    expect(advice).toEqual([]);
    expect(suggestedMode).toBe('copy');
    expect(willRun).toHaveLength(6);
    expect(willRun.every(({ runs, message }) => runs && message === null)).toBe(true);
    expect(consequences.map(({ about }) => about)).toEqual(['browsers', 'homekit', 'detection', 'cost']);
    expect(consequences[0]?.text).toContain('WebRTC and HLS');
    expect(consequences[3]?.text).toContain('transcode 34 %');
  });

  it.each([
    ['H.265', changed({ video: { codec: 'h265' } }), 'H.265, which browsers do not play', 'transcode'],
    ['B-frames', changed({ video: { hasBFrames: true } }), 'B-frames', 'transcode'],
    ['intra refresh', changed({ source: { intraRefresh: true } }), 'no key frames', 'transcode'],
    ['rare key frames', changed({ source: { keyFrameIntervalS: 10 } }), 'every 10 s', 'copy'],
    ['silent sound', changed({ audio: { codec: 'aac', isSent: false } }), 'sends none', 'copy'],
    ['a snapshot', changed({ source: { kind: 'snapshot' } }), 'one picture', 'copy'],
    ['few pictures', changed({ video: { fps: 2 } }), '2 pictures per second', 'copy'],
  ] as const)('advises about %s', (_what, observed, text, mode) => {
    const { advice, suggestedMode } = explainSource(observed);
    expect(advice).toEqual([expect.stringContaining(text)]);
    expect(suggestedMode).toBe(mode);
  });

  it('does not advise a mode that is chosen already', () => {
    expect(explainSource(changed({ video: { codec: 'h265' } }), 'transcode').advice).toEqual([]);
  });

  it('knows that a test pattern is encoded in every mode', () => {
    const pattern = changed({ video: { codec: 'rawvideo' }, source: { kind: 'test' } });
    expect(explainSource(pattern)).toMatchObject({ advice: [], suggestedMode: 'copy' });
  });

  it('says which modes cannot carry the pictures, and why', () => {
    const grey = changed({ video: { codec: 'mjpeg' }, copyRefusal: 'The pictures are grey.' });
    const { willRun, advice, suggestedMode } = explainSource(grey);
    expect(willRun.filter(({ runs }) => !runs).map(({ mode }) => mode)).toEqual(['copy', 'copy']);
    expect(willRun[0]?.message).toContain('pictures are grey');
    expect(advice.join()).toContain('pictures are grey');
    expect(suggestedMode).toBe('transcode');
    const raw = explainSource(changed({ video: { codec: 'rawvideo' } }));
    expect(raw.willRun[0]).toMatchObject({ mode: 'copy', runs: false });
  });

  it('runs without sound if the source has none', () => {
    const soundOf = (observed: SourceObservation) =>
      explainSource(observed).willRun.find(({ mode, audio }) => mode === 'copy' && audio);
    expect(soundOf(changed({ audio: null }))).toMatchObject({
      runs: true,
      message: expect.stringContaining('no sound'),
    });
    expect(soundOf(changed({ audio: { codec: 'aac', isSent: false } }))?.message).toContain('sends no sound');
  });
});
