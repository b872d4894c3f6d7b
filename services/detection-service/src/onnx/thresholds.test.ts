import { describe, expect, it } from '@jest/globals';
import { ModelError } from './model-error.ts';
import { parseThresholds, thresholdsByClass } from './thresholds.ts';

describe('thresholds', () => {
  it.each<[string, Record<string, number>]>([
    ['person=0.4,car=0.6', { person: 0.4, car: 0.6 }],
    [' traffic light = 0.25 , dog=1', { 'traffic light': 0.25, dog: 1 }],
    ['a=b=.5', { 'a=b': 0.5 }],
    ['person=0', { person: 0 }],
  ])('are read from %j', (text, thresholds) => {
    expect(parseThresholds(text)).toEqual({ ok: true, thresholds });
  });

  it.each<[string, RegExp]>([
    ['', /like person=0\.4/],
    ['0.5', /like person=0\.4/],
    ['=0.5', /like person=0\.4/],
    ['person=0.4,', /like person=0\.4/],
    ['person=', /from 0 to 1/],
    ['person=40', /from 0 to 1/],
    ['person=1.1', /from 0 to 1/],
    ['person=-0.1', /from 0 to 1/],
    ['person=0x1', /from 0 to 1/],
    ['person=NaN', /from 0 to 1/],
    ['person=0.4,person=0.5', /person once/],
    ['x=1,'.repeat(1001), /at most 1000/],
  ])('are refused as %j', (text, message) => {
    expect(parseThresholds(text)).toEqual({ ok: false, message: expect.stringMatching(message) });
  });

  it('are in the order of the labels, and 0 by default', () => {
    expect(thresholdsByClass(['person', 'car', 'dog'], { dog: 0.7, person: 0.4 })).toEqual([0.4, 0, 0.7]);
  });

  it('are rejected for a class that the model does not have', () => {
    expect(() => thresholdsByClass(['person', 'car'], { persons: 0.4 })).toThrow(ModelError);
    expect(() => thresholdsByClass(['person', 'car'], { persons: 0.4 })).toThrow(
      /^ONNX_MIN_CONFIDENCE names "persons".*starts with person, car/,
    );
  });
});
