import { describe, expect, it } from '@jest/globals';
import { detectionSchema } from '@camplane/contracts/camera';
import type { DetectorName } from '@camplane/contracts/camera';
import { detectionResultSchema, resultPictureMaxBytes } from '@camplane/contracts/detection';
import type { DetectionResult, Found } from '@camplane/contracts/detection';
import type { Frame } from '@camplane/contracts/frame';
import { composeResult } from './compose-result.ts';
import type { Finding } from './compose-result.ts';
import { judgeAge } from './frame-age.ts';

const size = { width: 640, height: 360 };
const person = (x = 0.3): Found => ({
  label: 'person',
  confidence: 0.8,
  boundingBox: { x, y: 0.4, width: 0.05, height: 0.3 },
});

/** One camera whose frames come every 100 ms. */
function createCamera(detectors: DetectorName[] = ['motion', 'person']) {
  let memory: Parameters<typeof composeResult>[0] = {
    shown: new Set<DetectorName>(),
    tracks: { worker: [], http: [] },
    pictureAt: null,
  };
  let sequence = 0;
  return (
    findings: Finding[],
    options: { wanted?: DetectorName[]; jpeg?: Uint8Array; afterMs?: number } = {},
  ): DetectionResult | null => {
    sequence += 1;
    const frame: Frame = {
      ...size,
      capturedAt: 1_700_000_000_000 + (options.afterMs ?? sequence * 100),
      sequence,
      detection: detectionSchema.parse({ detectors: options.wanted ?? detectors }),
      jpeg: options.jpeg ?? new Uint8Array([1, 2, 3]),
    };
    const composed = composeResult(memory, { cameraId: 'door', frame, source: 'worker', findings, size });
    memory = composed.memory;
    return composed.result;
  };
}

const says = (detector: DetectorName, ...found: Found[]): Finding => ({ detector, found });

describe('the result of a frame', () => {
  it('says what was found, by whom, with the frame itself', () => {
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

  it('has the same ids when the same frame is looked at again, and others for another frame', () => {
    const found = [says('motion', person()), says('person', person(), person(0.6))];
    const idsOf = (result: DetectionResult | null) => result?.detections.map(({ id }) => id) ?? [];
    const look = createCamera();
    const [first, second] = [look(found), look(found)];
    expect(idsOf(createCamera()(found))).toEqual(idsOf(first));
    expect(new Set([...idsOf(first), ...idsOf(second)]).size).toBe(6);
  });

  it('keeps the track of who is seen again', () => {
    const look = createCamera();
    const tracks = [0.3, 0.31, 0.32].map((x) => look([says('person', person(x))])?.detections[0]?.trackId);
    expect(new Set(tracks).size).toBe(1);
  });

  it('is told once when what was there has gone, and then no more', () => {
    const look = createCamera();
    expect(look([says('motion'), says('person')])).toBeNull();
    look([says('motion'), says('person', person())]);
    expect(look([says('motion'), says('person')])).toMatchObject({
      detectors: ['motion', 'person'],
      detections: [],
      picture: null,
    });
    expect(look([says('motion'), says('person')])).toBeNull();
  });

  it('speaks for those who looked alone', () => {
    const look = createCamera();
    look([says('motion'), says('person', person())]);
    // The person detector rests: what it said holds.
    expect(look([says('motion')])).toBeNull();
    expect(look([says('motion', person())])).toMatchObject({ detectors: ['motion'] });
    expect(look([says('motion'), says('person')])).toMatchObject({ detections: [] });
  });

  it('takes back what a detector showed that is no longer wanted', () => {
    const look = createCamera();
    look([says('person', person())]);
    expect(look([says('motion')], { wanted: ['motion'] })).toMatchObject({
      detectors: ['motion', 'person'],
      detections: [],
    });
    look([says('motion', person())], { wanted: ['motion'] });
    expect(look([], { wanted: [] })).toMatchObject({ detectors: ['motion'], detections: [] });
    expect(look([], { wanted: [] })).toBeNull();
  });

  it('has a picture at most every 450 ms, and whenever somebody appears', () => {
    const look = createCamera();
    const pictures = Array.from({ length: 12 }, (_, index) => {
      const others = index >= 7 ? [person(0.7)] : [];
      return look([says('person', person(), ...others)])?.picture !== null;
    });
    expect(pictures.flatMap((has, index) => (has ? [index] : []))).toEqual([0, 5, 7]);
  });

  it('has no picture that is too large to travel', () => {
    const jpeg = new Uint8Array(resultPictureMaxBytes + 1);
    expect(createCamera()([says('person', person())], { jpeg })).toMatchObject({ picture: null });
  });

  it('holds the surest where more was found than can be told', () => {
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

describe('the age of a frame', () => {
  it('is two seconds at most, behind or ahead', () => {
    expect([-2_001, -2_000, 0, 2_000, 2_001].map((ahead) => judgeAge(10_000 + ahead, 10_000))).toEqual([
      'stale',
      'current',
      'current',
      'current',
      'future',
    ]);
  });
});
