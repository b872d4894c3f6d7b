import { describe, expect, it } from '@jest/globals';
import { detectionQuerySchema } from '@camplane/contracts/detection';
import { sampleEntry } from '../boxes/sample-detection.ts';
import {
  filterParameters,
  filterQuery,
  hiddenChoices,
  localInputText,
  momentOfInput,
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

describe('the filter of detections', () => {
  it('stands in the address and is read back from it', () => {
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
  ])('passes over %s, which makes no sense', (query) => {
    expect(read(query)).toEqual(noFilter);
  });

  it('asks the API for what its schema accepts', () => {
    expect(detectionQuerySchema.parse(filterParameters(full))).toMatchObject({
      cameraId: ['front-door'],
      label: ['traffic light'],
      minConfidence: 0.7,
      from: full.from,
      to: full.to,
    });
  });

  it('leaves motion out unless it is asked for, by the switch or by its label', () => {
    expect(filterParameters(noFilter)).toEqual({ detector: ['person', 'http', 'onnx'] });
    expect(filterParameters({ ...noFilter, motion: true })).toEqual({});
    expect(filterParameters({ ...noFilter, label: 'motion' })).toEqual({ label: 'motion' });
  });

  it('chooses among what is heard as the API chooses among what is stored', () => {
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

  it('counts the choices that a folded filter hides', () => {
    expect(hiddenChoices(full)).toBe(4);
    expect(hiddenChoices({ ...noFilter, cameraId: 'door', motion: true })).toBe(0);
  });

  it('writes a moment in the reader’s zone and reads it back', () => {
    const text = localInputText(full.from);
    expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/);
    expect(momentOfInput(text)).toBe(full.from);
    expect(momentOfInput('')).toBeNull();
    expect(localInputText(null)).toBe('');
  });
});
