import { describe, expect, it } from '@jest/globals';
import { codecName, readWebrtcStats } from './media-stats.ts';

function reports(frames: number, bytes: number): unknown[] {
  return [
    { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
    { id: 'P', type: 'candidate-pair', currentRoundTripTime: 0.02, localCandidateId: 'L' },
    { id: 'L', type: 'local-candidate', candidateType: 'host', protocol: 'udp' },
    { id: 'C', type: 'codec', mimeType: 'video/H264' },
    { id: 'A', type: 'inbound-rtp', kind: 'audio', bytesReceived: 1 },
    {
      id: 'V',
      type: 'inbound-rtp',
      kind: 'video',
      codecId: 'C',
      frameWidth: 1280,
      frameHeight: 720,
      bytesReceived: bytes,
      jitterBufferDelay: frames * 0.03,
      jitterBufferEmittedCount: frames,
      totalDecodeTime: frames * 0.002,
      framesDecoded: frames,
      packetsLost: 3,
    },
  ];
}

describe('WebRTC statistics', () => {
  it('give size, codec, route and the delay per frame since the last reading', () => {
    const first = readWebrtcStats(reports(100, 1_000_000), null, 10_000);
    const { stats } = readWebrtcStats(reports(125, 1_250_000), first.counters, 11_000);
    expect(stats).toMatchObject({ codec: 'H.264', width: 1280, height: 720, route: 'UDP', packetsLost: 3 });
    expect(stats.bitrateKbps).toBeCloseTo(2000);
    expect(stats.jitterBufferMs).toBeCloseTo(30);
    expect(stats.latencyMs).toBeCloseTo(30 + 2 + 10);
  });

  it('are null before the first report', () => {
    const { stats } = readWebrtcStats([], null, 10_000);
    expect(stats).toMatchObject({
      latencyMs: null,
      codec: null,
      width: null,
      bitrateKbps: null,
      route: null,
    });
  });

  it('give no delay if no frame arrived since the last reading', () => {
    const first = readWebrtcStats(reports(100, 1), null, 10_000);
    expect(readWebrtcStats(reports(100, 1), first.counters, 11_000).stats.latencyMs).toBeNull();
  });
});

describe('codecName', () => {
  it.each([
    ['video/H264', 'H.264'],
    ['avc1.64001f', 'H.264'],
    ['hvc1.1.6.L93', 'H.265'],
    ['hevc', 'H.265'],
    ['mjpeg', 'MJPEG'],
    ['theora', 'theora'],
  ])('%s is %s', (text, name) => {
    expect(codecName(text)).toBe(name);
  });
});
