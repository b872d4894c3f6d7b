import { describe, expect, it } from '@jest/globals';
import { detectionQuerySchema } from './detection.ts';

describe('the query of listDetections', () => {
  it.each([
    [{}, { limit: 50 }],
    [
      { limit: '5', minConfidence: '0.25' },
      { limit: 5, minConfidence: 0.25 },
    ],
    [{ firstOfTrack: 'TRUE' }, { limit: 50, firstOfTrack: true }],
    [
      { cameraId: 'a', label: ['person', 'dog'] },
      { limit: 50, cameraId: ['a'], label: ['person', 'dog'] },
    ],
  ])('reads %j', (query, expected) => {
    expect(detectionQuerySchema.parse(query)).toEqual(expected);
  });

  it.each([
    { limit: '' },
    { limit: '0' },
    { limit: '1.5' },
    { limit: ['1', '2'] },
    { minConfidence: '' },
    { minConfidence: ' 1' },
    { minConfidence: '0x1' },
    { firstOfTrack: '' },
    { firstOfTrack: 'perhaps' },
    { cameraId: '' },
    { cursor: '' },
    { cursor: 'a b' },
  ])('refuses %j', (query) => {
    expect(detectionQuerySchema.safeParse(query).success).toBe(false);
  });
});
