import { describe, expect, it } from '@jest/globals';
import type { DetectionEntry, DetectionResult } from '@camplane/contracts/detection';
import { CameraBoxes } from './camera-boxes.ts';

const id = '7d0f0a2e-0000-4000-8000-000000000000';

function entry(detector: DetectionEntry['detector'], label: string, x: number): DetectionEntry {
  return {
    id,
    trackId: id,
    detector,
    label,
    confidence: 0.9,
    boundingBox: { x, y: 0.1, width: 0.1, height: 0.2 },
  };
}

function result(
  detectors: DetectionResult['detectors'],
  detections: DetectionEntry[],
  cameraId = 'front-door',
): Pick<DetectionResult, 'cameraId' | 'detectors' | 'detections'> {
  return { cameraId, detectors, detections };
}

const labels = (boxes: CameraBoxes, cameraId = 'front-door') => boxes.of(cameraId).map(({ label }) => label);

describe('boxes to draw', () => {
  it('are those of the latest result of their camera', () => {
    const boxes = new CameraBoxes();
    boxes.update(result(['person'], [entry('person', 'person', 0.1)]), 0);
    boxes.update(result(['person'], [entry('person', 'visitor', 0.5)], 'yard'), 0);
    expect(labels(boxes)).toEqual(['person']);
    expect(labels(boxes, 'yard')).toEqual(['visitor']);
    boxes.update(result(['person'], []), 10);
    expect(labels(boxes)).toEqual([]);
    expect(labels(boxes, 'nowhere')).toEqual([]);
  });

  it('stay the same array until a new result arrives', () => {
    const boxes = new CameraBoxes();
    boxes.update(result(['person'], [entry('person', 'person', 0.1)]), 0);
    const before = boxes.of('front-door');
    expect(boxes.of('front-door')).toBe(before);
    boxes.update(result(['person'], [entry('person', 'person', 0.1)]), 1);
    expect(boxes.of('front-door')).not.toBe(before);
  });

  it('keep the result of another detector for a second', () => {
    const boxes = new CameraBoxes();
    boxes.update(result(['http'], [entry('http', 'dog', 0.7)]), 0);
    boxes.update(result(['motion', 'person'], [entry('person', 'person', 0.1)]), 900);
    expect(labels(boxes).sort()).toEqual(['dog', 'person']);
    boxes.update(result(['motion', 'person'], [entry('person', 'person', 0.1)]), 1100);
    expect(labels(boxes)).toEqual(['person']);
  });

  it('omit motion where a named object is', () => {
    const boxes = new CameraBoxes();
    boxes.update(
      result(
        ['motion', 'person'],
        [entry('person', 'person', 0.1), entry('motion', 'motion', 0.15), entry('motion', 'motion', 0.6)],
      ),
      0,
    );
    expect(boxes.of('front-door').map(({ label, x }) => [label, x])).toEqual([
      ['person', 0.1],
      ['motion', 0.6],
    ]);
  });
});
