import { describe, expect, it } from '@jest/globals';
import { probeFacts } from './probe-facts.ts';

const source = {
  kind: 'rtsp',
  login: 'digest-sha-256',
  tls: null,
  tracks: [
    { type: 'video', codec: 'h264', direction: null },
    { type: 'audio', codec: 'pcmu', direction: 'recvonly' },
    { type: 'audio', codec: 'pcmu', direction: 'sendonly' },
    { type: 'application', codec: 'vnd.onvif.metadata', direction: null },
  ],
  keyFrameIntervalS: 2,
  intraRefresh: false,
  bitRateKbps: 4210,
  answerMs: 28,
  firstPictureMs: 84,
  firstKeyFrameMs: 1931,
} as const;

const found = {
  ok: true,
  video: {
    codec: 'h264',
    profile: 'Main',
    level: '4.0',
    width: 1920,
    height: 1080,
    fps: 25,
    hasBFrames: false,
  },
  audio: { codec: 'pcmu', sampleRate: 8000, channels: 1, isSent: false },
  source: { ...source, tracks: [...source.tracks] },
  picture: null,
  advice: [],
  consequences: [],
  suggestedMode: 'copy',
  willRun: [],
} satisfies Parameters<typeof probeFacts>[0];

describe('probeFacts', () => {
  it('names what a camera sends', () => {
    expect(Object.fromEntries(probeFacts(found))).toEqual({
      Video: 'H.264 Main 4.0',
      Size: '1920 × 1080',
      'Frame rate': '25 fps',
      'Key frames': 'every 2 s',
      'B-frames': null,
      'Bit rate': '4.2 Mbit/s',
      Sound: 'G.711 µ-law, 8 kHz, mono; announced, not sent',
      'Other tracks': 'loudspeaker, metadata',
      Login: 'Digest SHA-256',
      Encryption: null,
      Timing: 'answer after 28 ms, picture after 84 ms, key frame after 1.9 s',
    });
  });

  it('leaves out what is not known', () => {
    const known = probeFacts({ ...found, audio: null, source: null }).filter(([, value]) => value !== null);
    expect(known.map(([name]) => name)).toEqual(['Video', 'Size', 'Frame rate', 'Sound']);
  });
});
