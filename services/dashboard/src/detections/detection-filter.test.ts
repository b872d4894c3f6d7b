import { describe, expect, it } from '@jest/globals';
import { detectionQuerySchema } from '@camplane/contracts/detection';
import { sampleEntry } from '../boxes/sample-detection.ts';
import {
  filterParameters,
  filterQuery,
  collapsedFilterCount,
  localInputText,
  parseLocalInput,
  noFilter,
  parseFilter,
  passesFilter,
} from './detection-filter.ts';
import type { DetectionFilter } from './detection-filter.ts';

const full: DetectionFilter = {
  cameraId: 'front-door',
  label: 'traffic light',
  minConfidence: 0.7,
  from: '2026-01-01T00:00:00.000Z',
  to: '2026-01-02T00:00:00.000Z',
  motion: true,
};
const read = (query: string) => parseFilter(new URLSearchParams(query));

describe('the detection filter', () => {
  it('round-trips through the address', () => {
    expect(read(filterQuery(full))).toEqual(full);
    expect(filterQuery(noFilter)).toBe('');
    expect(read('')).toEqual(noFilter);
  });

  it.each([
    'camera=Front%20Door',
    'label=',
    `label=${'x'.repeat(65)}`,
    'confidence=many',
    'confidence=2',
    'confidence=-1',
    'confidence=',
    'from=yesterday',
    'from=2026-01-01T00:00',
    'to=2026-99-99T00:00:00Z',
    'motion=maybe',
    'other=1',
  ])('ignores the invalid query %s', (query) => {
    expect(read(query)).toEqual(noFilter);
  });

  it('creates parameters that the API accepts', () => {
    expect(detectionQuerySchema.parse(filterParameters(full))).toMatchObject({
      cameraId: ['front-door'],
      label: ['traffic light'],
      minConfidence: 0.7,
      from: full.from,
      to: full.to,
    });
  });

  it('excludes motion unless the switch or the label selects it', () => {
    expect(filterParameters(noFilter)).toEqual({ detector: ['person', 'http', 'onnx'] });
    expect(filterParameters({ ...noFilter, motion: true })).toEqual({});
    expect(filterParameters({ ...noFilter, label: 'motion' })).toEqual({ label: 'motion' });
  });

  it('filters live detections like the API filters stored ones', () => {
    const moment = Date.parse('2026-01-01T12:00:00Z');
    const found = sampleEntry(1, { label: 'traffic light', detector: 'onnx', confidence: 0.7 });
    const passes = (changes: Partial<DetectionFilter>) =>
      passesFilter({ ...full, ...changes }, 'front-door', moment, found);
    expect(passes({})).toBe(true);
    expect(passes({ cameraId: 'yard' })).toBe(false);
    expect(passes({ label: 'person' })).toBe(false);
    expect(passes({ minConfidence: 0.71 })).toBe(false);
    expect(passes({ from: '2026-01-01T12:00:00.000Z' })).toBe(true);
    expect(passes({ from: '2026-01-01T12:00:00.001Z' })).toBe(false);
    expect(passes({ to: '2026-01-01T12:00:00.000Z' })).toBe(false);
    expect(passesFilter(noFilter, 'door', 0, { ...found, label: 'motion', detector: 'motion' })).toBe(false);
  });

  it('counts the collapsed filters', () => {
    expect(collapsedFilterCount(full)).toBe(4);
    expect(collapsedFilterCount({ ...noFilter, cameraId: 'door', motion: true })).toBe(0);
  });

  it('round-trips a time in the user’s time zone', () => {
    const text = localInputText(full.from);
    expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/);
    expect(parseLocalInput(text)).toBe(full.from);
    expect(parseLocalInput('')).toBeNull();
    expect(localInputText(null)).toBe('');
  });
});
