import { describe, expect, it } from '@jest/globals';
import { boxesAt, withResult } from './box-schedule.ts';
import type { BoxesShown, HeardResult } from './box-schedule.ts';
import { sampleEntry } from './sample-detection.ts';

const person = sampleEntry(1);
const motion = sampleEntry(2, {
  detector: 'motion',
  label: 'motion',
  boundingBox: { x: 0.7, y: 0.7, width: 0.2, height: 0.2 },
});

function result(changes: Partial<HeardResult>): HeardResult {
  return { capturedMs: 0, heardMs: 100, detectors: ['person'], detections: [person], ...changes };
}

/** At `nowMs`, with a transport that shows pictures `delayMs` after they were taken. */
function at(results: HeardResult[], nowMs: number, delayMs: number): BoxesShown {
  return boxesAt(results, { nowMs, pictureMs: nowMs - delayMs });
}

const count = (shown: BoxesShown) => shown.entries.length;

describe('boxes over the live picture', () => {
  it('wait for the picture they belong to', () => {
    expect(at([result({})], 2999, 3000)).toEqual({ entries: [], capturedMs: null, pending: true });
    expect(at([result({})], 3000, 3000)).toEqual({ entries: [person], capturedMs: 0, pending: true });
  });

  it('age out a second after their picture', () => {
    expect(count(at([result({})], 3999, 3000))).toBe(1);
    expect(at([result({})], 4000, 3000)).toEqual({ entries: [], capturedMs: null, pending: false });
  });

  it('are shown for a second from when they came if their picture was shown before', () => {
    const late = [result({ heardMs: 700 })];
    expect(count(at(late, 700, 50))).toBe(1);
    expect(count(at(late, 1699, 50))).toBe(1);
    expect(count(at(late, 1700, 50))).toBe(0);
  });

  it('are not shown at all when they come two seconds after their picture', () => {
    expect(count(at([result({ heardMs: 2050 })], 2050, 50))).toBe(1);
    expect(count(at([result({ heardMs: 2051 })], 2051, 50))).toBe(0);
  });

  it('are replaced by the next result of the same detectors', () => {
    const moved = { ...person, boundingBox: { ...person.boundingBox, x: 0.3 } };
    const results = [result({}), result({ capturedMs: 500, heardMs: 600, detections: [moved] })];
    expect(at(results, 3499, 3000).entries).toEqual([person]);
    expect(at(results, 3500, 3000).entries).toEqual([moved]);
  });

  it('go at once when a result says that nothing is there any more', () => {
    const results = [result({}), result({ capturedMs: 200, heardMs: 300, detections: [] })];
    expect(count(at(results, 299, 0))).toBe(1);
    expect(count(at(results, 300, 0))).toBe(0);
  });

  it('of other detectors stay when one detector speaks', () => {
    const results = [
      result({ detectors: ['motion', 'person'], detections: [motion, person] }),
      result({ capturedMs: 200, heardMs: 300, detectors: ['person'], detections: [] }),
    ];
    expect(at(results, 300, 0).entries).toEqual([motion]);
  });

  it('are the newest even where an older result comes later', () => {
    const results = [
      result({ capturedMs: 500, heardMs: 550, detections: [] }),
      result({ capturedMs: 0, heardMs: 600 }),
    ];
    expect(count(at(results, 650, 0))).toBe(0);
  });

  it('of motion are left out where something was recognised', () => {
    const covered = sampleEntry(3, { detector: 'motion', label: 'motion' });
    const detectors = ['motion', 'person'] as const;
    const results = [result({ detectors: [...detectors], detections: [covered, motion, person] })];
    expect(at(results, 100, 0).entries).toEqual([person, motion]);
  });

  it('are kept for half a minute and no longer', () => {
    let results: readonly HeardResult[] = [];
    for (let heardMs = 0; heardMs < 60_000; heardMs += 500)
      results = withResult(results, result({ heardMs }));
    expect(results).toHaveLength(60);
    for (let index = 0; index < 2000; index += 1) results = withResult(results, result({ heardMs: 60_000 }));
    expect(results).toHaveLength(512);
  });
});
