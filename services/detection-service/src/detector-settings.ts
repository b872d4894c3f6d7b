import type { Variables } from '@camplane/service-kit/environment';
import { durationMsValue, textValue, urlValue } from '@camplane/service-kit/environment-values';
import { z } from 'zod';
import type { DetectionServiceConfig } from './app.ts';
import { ModelError } from './onnx/model-error.ts';
import { parseThresholds } from './onnx/thresholds.ts';

const thresholdsValue = z
  .string()
  .transform((text, context) => {
    const parsed = parseThresholds(text);
    if (parsed.ok) return parsed.thresholds;
    context.addIssue({ code: 'custom', message: parsed.message });
    return z.NEVER;
  })
  .meta({ description: 'list of `class=number`, each number 0–1, separated by commas' });

/** What the detectors onnx and http need to be told. */
export const detectorVariables = {
  ONNX_MODEL: {
    schema: textValue().optional(),
    description:
      'An ONNX file of a YOLO-shaped detection model, for the detector `onnx`. See guide/detectors.md.',
    example: '/var/lib/camplane/models/yolo.onnx',
  },
  ONNX_LABELS: {
    schema: textValue().optional(),
    description: 'The names of the classes of `ONNX_MODEL`, one a line, in the order of the model.',
    example: '/var/lib/camplane/models/yolo.txt',
  },
  ONNX_MIN_CONFIDENCE: {
    schema: thresholdsValue.optional(),
    description:
      "The least confidence of single classes of `ONNX_MODEL`, where it is to be higher than the camera's.",
    example: 'person=0.6,car=0.75',
  },
  AI_SERVICE_URL: {
    schema: urlValue().optional(),
    description: 'An AI service for the detector `http`: pictures go to `detect` below this address.',
    example: 'http://192.0.2.30:8000',
    secret: true,
  },
  AI_SERVICE_TIMEOUT: {
    schema: durationMsValue(50, 60_000),
    default: '2s',
    description: 'How long the AI service may take for one picture.',
    example: '5s',
  },
} satisfies Variables;

type DetectorValues = {
  readonly [K in keyof typeof detectorVariables]: z.output<(typeof detectorVariables)[K]['schema']>;
};

/** Of detection-service's configuration. What is left out is not there. */
export type DetectorSettings = Pick<DetectionServiceConfig, 'onnx' | 'aiService'>;

/** @throws {ModelError} where a model is named without its labels, or the other way round */
export function detectorSettings(values: DetectorValues): DetectorSettings {
  const { ONNX_MODEL: modelPath, ONNX_LABELS: labelsPath, ONNX_MIN_CONFIDENCE: thresholds } = values;
  const { AI_SERVICE_URL: url, AI_SERVICE_TIMEOUT: timeoutMs } = values;
  if (modelPath === undefined && (labelsPath !== undefined || thresholds !== undefined)) {
    throw new ModelError('model-missing', 'ONNX_MODEL is not set: name the model that the labels are for');
  }
  if (modelPath !== undefined && labelsPath === undefined) {
    throw new ModelError('labels', 'ONNX_LABELS is not set: name the file of the class names of ONNX_MODEL');
  }
  return {
    ...(modelPath === undefined || labelsPath === undefined
      ? {}
      : { onnx: { modelPath, labelsPath, thresholds: thresholds ?? {} } }),
    ...(url === undefined ? {} : { aiService: { url, timeoutMs } }),
  };
}
