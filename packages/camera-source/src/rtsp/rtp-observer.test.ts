import { describe, expect, it } from '@jest/globals';
import { createVideoObserver } from './rtp-observer.ts';

/** Sends payloads at 25 pictures per second; each entry is one picture. */
function observe(codec: string, pictures: readonly (readonly number[][])[], stamp = (i: number) => i * 3600) {
  const observer = createVideoObserver(codec);
  const seen = pictures.flatMap((payloads, i) =>
    payloads.map((payload, index) => {
      const data = Buffer.from(payload);
      const marker = index === payloads.length - 1;
      const packet = {
        payloadType: 96,
        marker,
        timestamp: stamp(i),
        payloadStart: 0,
        payloadEnd: data.length,
      };
      return observer.observe(data, packet, i * 40);
    }),
  );
  return { observer, seen, report: observer.report() };
}

// H.264: NAL types 7, 8, 5, 1; the byte after the header starts the slice: first_mb 0, then slice_type.
const sps = [0x67, 0x42, 0, 0x1e, 0xaa];
const pps = [0x68, 0xce, 0x3c, 0x80];
const idr = [0x65, 0b1000_1000, 0x84];
const pSlice = [0x41, 0b1110_0000, 0x40];
const bSlice = [0x01, 0b1010_0000, 0x40];
const secondSlice = [0x41, 0b0101_0000, 0x40];
/** SEI 6 (recovery point), recovery_frame_cnt 0 and 3. */
const exactRecovery = [0x06, 6, 1, 0b1100_0000, 0x80];
const gradualRecovery = [0x06, 6, 1, 0b0010_0000, 0x80];

describe('createVideoObserver', () => {
  it('counts pictures and key frames of H.264, not slices', () => {
    const { report, seen } = observe('h264', [
      [sps, pps, idr],
      [pSlice, secondSlice],
      [pSlice],
      [sps, pps, idr],
    ]);
    expect(report).toMatchObject({ pictures: 4, keyFrames: 2, keyFrameIntervalMs: 120 });
    expect(seen.map(({ isKeyFrame }) => isKeyFrame)).toEqual([
      ...[false, false, true],
      ...[false, false, false],
      ...[false, false, true],
    ]);
  });

  it('finds key frames in aggregated and fragmented H.264', () => {
    const aggregate = [24, 0, 5, ...sps, 0, 4, ...pps, 0, 3, ...idr];
    const fragments = [
      [28, 0x85, 0b1000_1000, 0x84],
      [28, 0x05, 1, 2],
      [28, 0x45, 3],
    ];
    const { report, observer } = observe('h264', [[aggregate], [pSlice], fragments]);
    expect(report).toMatchObject({ pictures: 3, keyFrames: 2 });
    expect(observer.parameterSets()).toEqual([Buffer.from(sps), Buffer.from(pps)]);
  });

  it('distinguishes intra refresh from a key frame that is not an IDR', () => {
    const gradual = observe('h264', [[gradualRecovery, pSlice], [pSlice]]);
    expect(gradual.report.keyFrames).toBe(0);
    expect(gradual.observer.recoveryPoints).toBe(1);
    expect(observe('h264', [[exactRecovery, pSlice], [pSlice]]).report.keyFrames).toBe(1);
  });

  it('reports B slices, and their absence only after some pictures', () => {
    expect(observe('h264', [[idr], [bSlice]]).report.hasBFrames).toBe(true);
    expect(observe('h264', [[idr], [pSlice]]).report.hasBFrames).toBeNull();
    expect(observe('h264', [[idr], ...Array.from({ length: 80 }, () => [pSlice])]).report.hasBFrames).toBe(
      false,
    );
  });

  it('measures the rate', () => {
    expect(observe('h264', [[idr], ...Array.from({ length: 50 }, () => [pSlice])]).report.fps).toBe(25);
    expect(observe('h264', [[idr], [pSlice]]).report.fps).toBeNull();
  });

  it('counts pictures by their first slice when timestamps stand still', () => {
    const { report } = observe('h264', [[sps, pps, idr], [pSlice, secondSlice], [pSlice]], () => 0);
    expect(report).toMatchObject({ pictures: 3, keyFrames: 1 });
  });

  it('finds key frames of H.265: IDR, CRA, in aggregates and fragments', () => {
    const idrSlice = [19 << 1, 1, 0x80];
    const trail = [1 << 1, 1, 0x80];
    const cra = [21 << 1, 1, 0x80];
    const fragments = [
      [49 << 1, 1, 0x80 | 19, 0x80],
      [49 << 1, 1, 0x40 | 19, 0x12],
    ];
    const aggregate = [48 << 1, 1, 0, 3, 33 << 1, 1, 9, 0, 3, ...cra];
    const { report, observer } = observe('h265', [[idrSlice], [trail], fragments, [trail], [aggregate]]);
    expect(report).toMatchObject({ pictures: 5, keyFrames: 3 });
    expect(observer.parameterSets()).toEqual([Buffer.from([33 << 1, 1, 9])]);
  });

  it('takes each MJPEG picture for a key frame', () => {
    const start = [0, 0, 0, 0, 1, 80, 40, 22, 1];
    const rest = [0, 0, 4, 0, 1, 80, 40, 22, 1];
    expect(
      observe('mjpeg', [
        [start, rest],
        [start, rest],
      ]).report,
    ).toMatchObject({ pictures: 2, keyFrames: 2 });
  });

  it('finds intra pictures of MPEG-4', () => {
    const intra = [0, 0, 1, 0xb6, 0x10];
    const predicted = [0, 0, 1, 0xb6, 0x50];
    expect(observe('mpeg4', [[intra], [predicted], [predicted]]).report).toMatchObject({
      pictures: 3,
      keyFrames: 1,
    });
  });
});
