import { describe, expect, it } from '@jest/globals';
import { boxesAt, withResult } from './box-schedule.ts';
import type { BoxesShown, ReceivedResult } from './box-schedule.ts';
import { sampleEntry } from './sample-detection.ts';

const person = sampleEntry(1);
const motion = sampleEntry(2, {
  detector: 'motion',
  label: 'motion',
  boundingBox: { x: 0.7, y: 0.7, width: 0.2, height: 0.2 },
});

function result(changes: Partial<ReceivedResult>): ReceivedResult {
  return { capturedMs: 0, receivedMs: 100, detectors: ['person'], detections: [person], ...changes };
}

/** At `nowMs`, with a transport that shows frames `delayMs` after they were taken. */
function at(results: ReceivedResult[], nowMs: number, delayMs: number): BoxesShown {
  return boxesAt(results, { nowMs, frameTimeMs: nowMs - delayMs });
}

const count = (shown: BoxesShown) => shown.entries.length;

describe('boxes over live video', () => {
  it('wait for their frame', () => {
    expect(at([result({})], 2999, 3000)).toEqual({ entries: [], capturedMs: null, pending: true });
    expect(at([result({})], 3000, 3000)).toEqual({ entries: [person], capturedMs: 0, pending: true });
  });

  it('expire one second after their frame', () => {
    expect(count(at([result({})], 3999, 3000))).toBe(1);
    expect(at([result({})], 4000, 3000)).toEqual({ entries: [], capturedMs: null, pending: false });
  });

  it('stay for one second after arrival if their frame was shown before', () => {
    const late = [result({ receivedMs: 700 })];
    expect(count(at(late, 700, 50))).toBe(1);
    expect(count(at(late, 1699, 50))).toBe(1);
    expect(count(at(late, 1700, 50))).toBe(0);
  });

  it('are not shown if they arrive more than two seconds after their frame', () => {
    expect(count(at([result({ receivedMs: 2050 })], 2050, 50))).toBe(1);
    expect(count(at([result({ receivedMs: 2051 })], 2051, 50))).toBe(0);
  });

  it('are replaced by the next result of the same detector', () => {
    const moved = { ...person, boundingBox: { ...person.boundingBox, x: 0.3 } };
    const results = [result({}), result({ capturedMs: 500, receivedMs: 600, detections: [moved] })];
    expect(at(results, 3499, 3000).entries).toEqual([person]);
    expect(at(results, 3500, 3000).entries).toEqual([moved]);
  });

  it('disappear at once when a result has no detections', () => {
    const results = [result({}), result({ capturedMs: 200, receivedMs: 300, detections: [] })];
    expect(count(at(results, 299, 0))).toBe(1);
    expect(count(at(results, 300, 0))).toBe(0);
  });

  it('of other detectors stay when one detector reports', () => {
    const results = [
      result({ detectors: ['motion', 'person'], detections: [motion, person] }),
      result({ capturedMs: 200, receivedMs: 300, detectors: ['person'], detections: [] }),
    ];
    expect(at(results, 300, 0).entries).toEqual([motion]);
  });

  it('ignore an older result that arrives later', () => {
    const results = [
      result({ capturedMs: 500, receivedMs: 550, detections: [] }),
      result({ capturedMs: 0, receivedMs: 600 }),
    ];
    expect(count(at(results, 650, 0))).toBe(0);
  });

  it('of motion are hidden where an object was recognised', () => {
    const covered = sampleEntry(3, { detector: 'motion', label: 'motion' });
    const detectors = ['motion', 'person'] as const;
    const results = [result({ detectors: [...detectors], detections: [covered, motion, person] })];
    expect(at(results, 100, 0).entries).toEqual([person, motion]);
  });

  it('are kept for 30 seconds, within a maximum count', () => {
    let results: readonly ReceivedResult[] = [];
    for (let receivedMs = 0; receivedMs < 60_000; receivedMs += 500)
      results = withResult(results, result({ receivedMs }));
    expect(results).toHaveLength(60);
    for (let index = 0; index < 2000; index += 1)
      results = withResult(results, result({ receivedMs: 60_000 }));
    expect(results).toHaveLength(512);
  });
});
