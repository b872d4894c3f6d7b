import type { DetectorName } from '@camplane/contracts/camera';
import { CamplaneError, fieldsOf } from '@camplane/contracts/problem';
import { z } from 'zod';

/** Detectors that work on a single image in this service. */
export type SingleDetector = Extract<DetectorName, 'person' | 'onnx'>;

export type DetectQuery = { detectors: readonly SingleDetector[]; minConfidence: number };

const refusals: Partial<Record<string, string>> = {
  motion: 'motion needs consecutive frames: use person or onnx',
  http: 'http uses another service; call that service, or use person or onnx',
};

const detectorSchema = z.string().transform((name, context): SingleDetector => {
  if (name === 'person' || name === 'onnx') return name;
  context.addIssue({ code: 'custom', message: refusals[name] ?? 'must be person or onnx' });
  return z.NEVER;
});

const querySchema = z.strictObject({
  detector: z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z.array(detectorSchema).min(1).max(2),
    )
    .optional(),
  minConfidence: z
    .string('must be given once')
    .regex(/^\d(\.\d{1,10})?$/, 'must be a number from 0 to 1')
    .transform(Number)
    .refine((value) => value <= 1, 'must be a number from 0 to 1')
    .default(0.5),
});

/**
 * The query of `POST /detect`: `detector`, which may be repeated, and `minConfidence`.
 *
 * @param available the default where `detector` is absent
 * @throws CamplaneError `invalid-query`, or `detector-unavailable` without a model
 */
export function parseDetectQuery(query: unknown, available: readonly SingleDetector[]): DetectQuery {
  const parsed = querySchema.safeParse(query);
  if (!parsed.success) {
    const fields = fieldsOf(parsed.error).map(({ path, message }) => ({
      path: path.slice(0, 64),
      message: message.replace('known field', 'known parameter'),
    }));
    throw new CamplaneError('invalid-query', `${fields[0]?.path}: ${fields[0]?.message}`, { fields });
  }
  const { detector = available, minConfidence } = parsed.data;
  const missing = detector.find((name) => !available.includes(name));
  if (missing !== undefined) {
    throw new CamplaneError(
      'detector-unavailable',
      `The detector ${missing} has no model: set ONNX_MODEL and ONNX_LABELS of detection-service`,
    );
  }
  return { detectors: [...new Set(detector)], minConfidence };
}
