import { describe, expect, it } from '@jest/globals';
import { defineEnvironment, readEnvironment } from '@camplane/service-kit/environment';
import { detectorSettings, detectorVariables } from './detector-settings.ts';

const settingsFor = (env: Record<string, string>) =>
  detectorSettings(readEnvironment(defineEnvironment('test', detectorVariables), env));

const model = { ONNX_MODEL: 'yolo.onnx', ONNX_LABELS: 'yolo.txt' };

describe('detector settings', () => {
  it('are empty by default', () => {
    expect(settingsFor({})).toEqual({});
  });

  it('contain the model with its labels and thresholds, and the AI service', () => {
    const env = { ...model, ONNX_MIN_CONFIDENCE: 'person=0.4', AI_SERVICE_URL: 'http://192.0.2.30:8000' };
    expect(settingsFor(env)).toEqual({
      onnx: { modelPath: 'yolo.onnx', labelsPath: 'yolo.txt', thresholds: { person: 0.4 } },
      aiService: { url: 'http://192.0.2.30:8000', timeoutMs: 2000 },
    });
  });

  it.each<[Record<string, string>, RegExp]>([
    [{ ONNX_MODEL: 'yolo.onnx' }, /^ONNX_LABELS is not set/],
    [{ ONNX_LABELS: 'yolo.txt' }, /^ONNX_MODEL is not set/],
    [{ ONNX_MIN_CONFIDENCE: 'person=0.4' }, /^ONNX_MODEL is not set/],
    [{ ...model, ONNX_MIN_CONFIDENCE: '0.4' }, /ONNX_MIN_CONFIDENCE must be written like person=0\.4/],
    [{ AI_SERVICE_URL: 'ai.example' }, /AI_SERVICE_URL must be a URL/],
    [{ AI_SERVICE_TIMEOUT: '2 minutes' }, /AI_SERVICE_TIMEOUT must be a time/],
  ])('reject %j', (env, message) => {
    expect(() => settingsFor(env)).toThrow(message);
  });
});
