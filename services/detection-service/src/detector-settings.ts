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

/** Variables of the detectors `onnx` and `http`. */
export const detectorVariables = {
  ONNX_MODEL: {
    schema: textValue().optional(),
    description:
      'ONNX file of a YOLO-shaped detection model for the detector `onnx`. See guide/detectors.md.',
    example: '/var/lib/camplane/models/yolo.onnx',
  },
  ONNX_LABELS: {
    schema: textValue().optional(),
    description: 'File with the class names of `ONNX_MODEL`, one per line, in the order of the model.',
    example: '/var/lib/camplane/models/yolo.txt',
  },
  ONNX_MIN_CONFIDENCE: {
    schema: thresholdsValue.optional(),
    description:
      "Minimum confidence per class of `ONNX_MODEL`, for classes that need more than the camera's `minConfidence`.",
    example: 'person=0.6,car=0.75',
  },
  AI_SERVICE_URL: {
    schema: urlValue().optional(),
    description:
      'Base address of an AI service for the detector `http`; images are posted to `detect` below it.',
    example: 'http://192.0.2.30:8000',
    secret: true,
  },
  AI_SERVICE_TOKEN: {
    schema: textValue()
      .regex(/^[\x21-\x7e]+$/, 'must consist of ASCII without spaces')
      .optional(),
    description:
      'Token that is sent to the AI service as `Authorization: Bearer`, instead of a login in `AI_SERVICE_URL`.',
    secret: true,
  },
  AI_SERVICE_TIMEOUT: {
    schema: durationMsValue(50, 60_000),
    default: '2s',
    description: 'Timeout of one request to the AI service.',
    example: '5s',
  },
} satisfies Variables;

type DetectorValues = {
  readonly [K in keyof typeof detectorVariables]: z.output<(typeof detectorVariables)[K]['schema']>;
};

/** The detectors' part of the configuration. An absent property disables its detector. */
export type DetectorSettings = Pick<DetectionServiceConfig, 'onnx' | 'aiService'>;

/** @throws {ModelError} for a model without labels, or labels without a model */
export function detectorSettings(values: DetectorValues): DetectorSettings {
  const { ONNX_MODEL: modelPath, ONNX_LABELS: labelsPath, ONNX_MIN_CONFIDENCE: thresholds } = values;
  const { AI_SERVICE_URL: url, AI_SERVICE_TOKEN: token, AI_SERVICE_TIMEOUT: timeoutMs } = values;
  if (modelPath === undefined && (labelsPath !== undefined || thresholds !== undefined)) {
    throw new ModelError('model-missing', 'ONNX_MODEL is not set: set it to the model of ONNX_LABELS');
  }
  if (modelPath !== undefined && labelsPath === undefined) {
    throw new ModelError(
      'labels',
      'ONNX_LABELS is not set: set it to the file with the class names of ONNX_MODEL',
    );
  }
  return {
    ...(modelPath === undefined || labelsPath === undefined
      ? {}
      : { onnx: { modelPath, labelsPath, thresholds: thresholds ?? {} } }),
    ...(url === undefined
      ? {}
      : { aiService: { url, ...(token === undefined ? {} : { token }), timeoutMs } }),
  };
}
