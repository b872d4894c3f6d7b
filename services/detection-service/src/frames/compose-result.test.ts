import { describe, expect, it } from '@jest/globals';
import { detectionSchema } from '@camplane/contracts/camera';
import type { DetectorName } from '@camplane/contracts/camera';
import { detectionResultSchema, resultPictureMaxBytes } from '@camplane/contracts/detection';
import type { DetectionResult, Found } from '@camplane/contracts/detection';
import type { Frame } from '@camplane/contracts/frame';
import { composeResult } from './compose-result.ts';
import type { Finding } from './compose-result.ts';
import { classifyAge, frameAgeMaxMs } from './frame-age.ts';

const size = { width: 640, height: 360 };
const person = (x = 0.3): Found => ({
  label: 'person',
  confidence: 0.8,
  boundingBox: { x, y: 0.4, width: 0.05, height: 0.3 },
});

/** One camera whose frames come every 100 ms. */
function createCamera(detectors: DetectorName[] = ['motion', 'person']) {
  let state: Parameters<typeof composeResult>[0] = {
    shown: new Set<DetectorName>(),
    tracks: { worker: [], http: [] },
    imageAt: null,
  };
  let sequence = 0;
  return (
    findings: Finding[],
    options: { enabled?: DetectorName[]; jpeg?: Uint8Array; afterMs?: number } = {},
  ): DetectionResult | null => {
    sequence += 1;
    const frame: Frame = {
      ...size,
      capturedAt: 1_700_000_000_000 + (options.afterMs ?? sequence * 100),
      sequence,
      detection: detectionSchema.parse({ detectors: options.enabled ?? detectors }),
      jpeg: options.jpeg ?? new Uint8Array([1, 2, 3]),
    };
    const composed = composeResult(state, { cameraId: 'door', frame, source: 'worker', findings, size });
    state = composed.state;
    return composed.result;
  };
}

const says = (detector: DetectorName, ...found: Found[]): Finding => ({ detector, found });

describe('composeResult', () => {
  it('contains detections, their detectors and the image', () => {
    const result = createCamera()([says('motion'), says('person', person())]);
    expect(detectionResultSchema.safeParse(result).error).toBeUndefined();
    expect(result).toMatchObject({
      cameraId: 'door',
      capturedAt: '2023-11-14T22:13:20.100Z',
      sequence: 1,
      frame: size,
      detectors: ['motion', 'person'],
      detections: [{ label: 'person', detector: 'person', confidence: 0.8 }],
      picture: 'AQID',
    });
  });

  it('has the same ids when a frame is processed again, and other ids for another frame', () => {
    const found = [says('motion', person()), says('person', person(), person(0.6))];
    const idsOf = (result: DetectionResult | null) => result?.detections.map(({ id }) => id) ?? [];
    const detect = createCamera();
    const [first, second] = [detect(found), detect(found)];
    expect(idsOf(createCamera()(found))).toEqual(idsOf(first));
    expect(new Set([...idsOf(first), ...idsOf(second)]).size).toBe(6);
  });

  it('keeps the track of a person across frames', () => {
    const detect = createCamera();
    const tracks = [0.3, 0.31, 0.32].map((x) => detect([says('person', person(x))])?.detections[0]?.trackId);
    expect(new Set(tracks).size).toBe(1);
  });

  it('publishes one empty result when objects disappear', () => {
    const detect = createCamera();
    expect(detect([says('motion'), says('person')])).toBeNull();
    detect([says('motion'), says('person', person())]);
    expect(detect([says('motion'), says('person')])).toMatchObject({
      detectors: ['motion', 'person'],
      detections: [],
      picture: null,
    });
    expect(detect([says('motion'), says('person')])).toBeNull();
  });

  it('covers only the detectors that ran', () => {
    const detect = createCamera();
    detect([says('motion'), says('person', person())]);
    // The person detector skipped the frame: its previous result remains.
    expect(detect([says('motion')])).toBeNull();
    expect(detect([says('motion', person())])).toMatchObject({ detectors: ['motion'] });
    expect(detect([says('motion'), says('person')])).toMatchObject({ detections: [] });
  });

  it('clears the detections of a disabled detector', () => {
    const detect = createCamera();
    detect([says('person', person())]);
    expect(detect([says('motion')], { enabled: ['motion'] })).toMatchObject({
      detectors: ['motion', 'person'],
      detections: [],
    });
    detect([says('motion', person())], { enabled: ['motion'] });
    expect(detect([], { enabled: [] })).toMatchObject({ detectors: ['motion'], detections: [] });
    expect(detect([], { enabled: [] })).toBeNull();
  });

  it('has an image at most every 450 ms, and whenever an object appears', () => {
    const detect = createCamera();
    const pictures = Array.from({ length: 12 }, (_, index) => {
      const others = index >= 7 ? [person(0.7)] : [];
      return detect([says('person', person(), ...others)])?.picture !== null;
    });
    expect(pictures.flatMap((has, index) => (has ? [index] : []))).toEqual([0, 5, 7]);
  });

  it('leaves out an image that is too large', () => {
    const jpeg = new Uint8Array(resultPictureMaxBytes + 1);
    expect(createCamera()([says('person', person())], { jpeg })).toMatchObject({ picture: null });
  });

  it('keeps the detections with the highest confidence', () => {
    const many = Array.from({ length: 100 }, (_, index) => ({
      ...person((index % 10) / 20),
      confidence: index / 100,
    }));
    const result = createCamera()([says('motion', ...many)]);
    expect(detectionResultSchema.safeParse(result).error).toBeUndefined();
    expect(result?.detections.map(({ confidence }) => confidence)).toEqual(
      Array.from({ length: 64 }, (_, index) => (99 - index) / 100),
    );
  });
});

describe('classifyAge', () => {
  it('accepts two seconds behind or ahead', () => {
    expect(
      [-2_001, -2_000, 0, 2_000, 2_001].map((ahead) => classifyAge(10_000 + ahead, 10_000, frameAgeMaxMs)),
    ).toEqual(['stale', 'current', 'current', 'current', 'future']);
  });
});
