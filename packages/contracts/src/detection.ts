import { z } from 'zod';
import { cameraIdSchema } from './camera-id.ts';
import { detectorNameSchema } from './camera.ts';
import { booleanParameter, listParameter, numberParameter } from './query-parameters.ts';

/** Position and size as fractions of the picture, from the top left; inside the picture. */
export const boundingBoxSchema = z
  .object({
    x: z.number().min(0).max(1),
    y: z.number().min(0).max(1),
    width: z.number().min(0).max(1),
    height: z.number().min(0).max(1),
  })
  // A rounding error is no fault.
  .refine(({ x, width }) => x + width <= 1.000_001, 'must end inside the picture (x + width ≤ 1)')
  .refine(({ y, height }) => y + height <= 1.000_001, 'must end inside the picture (y + height ≤ 1)');
export type BoundingBox = z.infer<typeof boundingBoxSchema>;

export const labelSchema = z.string().min(1).max(64);

/** What a detector found in one picture: the answer of `POST /detect` is an array of these (R3.8). */
export const foundSchema = z.object({
  label: labelSchema,
  /** How sure the detector is, 0–1; of `motion`, how much of its box moves. */
  confidence: z.number().min(0).max(1),
  boundingBox: boundingBoxSchema,
});
export type Found = z.infer<typeof foundSchema>;

export const detectAnswerSchema = z.array(foundSchema);

/** The id is made of camera, frame and place in the result: a frame looked at twice gives the same ids. */
export const detectionIdSchema = z.uuid();

export const detectionEntrySchema = foundSchema.extend({
  id: detectionIdSchema,
  detector: detectorNameSchema,
  /** The same thing seen in frame after frame keeps its track. */
  trackId: z.uuid(),
});
export type DetectionEntry = z.infer<typeof detectionEntrySchema>;

export const detectionsPerResultMax = 64;

const resultFields = {
  cameraId: cameraIdSchema,
  /** Of the frame. */
  capturedAt: z.iso.datetime(),
  sequence: z.int().min(0),
  /** Of the frame that was looked at, in pixels. */
  frame: z.object({ width: z.int().min(1), height: z.int().min(1) }),
  /** Those who looked. What they said of the frame before holds no longer; what others said does. */
  detectors: z.array(detectorNameSchema).min(1).max(4),
  /** Empty: nothing is there any more. Told once, then silence until something is found. */
  detections: z.array(detectionEntrySchema).max(detectionsPerResultMax),
};

/** Largest picture that travels with a result, in bytes of JPEG. */
export const resultPictureMaxBytes = 1024 * 1024;

/** Value of `camplane.detections`: what some detectors found in one frame. */
export const detectionResultSchema = z.object({
  ...resultFields,
  /** The frame itself as base64 of its JPEG; null where it is left out (too large, or too soon after the last). */
  picture: z
    .base64()
    .max(Math.ceil(resultPictureMaxBytes / 3) * 4)
    .nullable(),
});
export type DetectionResult = z.infer<typeof detectionResultSchema>;

/** Event `detection` of the WebSocket: a result without its picture. */
export const detectionEventFields = resultFields;

/** A detection as it is kept and answered over HTTP (R3.5). */
export const storedDetectionSchema = foundSchema.extend({
  id: detectionIdSchema,
  cameraId: cameraIdSchema,
  detector: detectorNameSchema,
  trackId: z.uuid(),
  capturedAt: z.iso.datetime(),
  sequence: z.int(),
  frame: z.object({ width: z.int(), height: z.int() }),
  /** Path of the picture on this API; null where none was kept, or it is older than the retention. */
  imagePath: z.string().nullable(),
});
export type StoredDetection = z.infer<typeof storedDetectionSchema>;

/** A page of detections, newest first. */
export const detectionListSchema = z.object({
  items: z.array(storedDetectionSchema),
  /** Where the next page begins; null on the last. */
  nextCursor: z.string().nullable(),
});

/** Query of `listDetections`. */
export const detectionQuerySchema = z.strictObject({
  cameraId: listParameter(cameraIdSchema, 100).optional().describe('Only these cameras. Repeatable'),
  label: listParameter(labelSchema, 100).optional().describe('Only these labels. Repeatable'),
  detector: listParameter(detectorNameSchema, 100).optional().describe('Only these detectors. Repeatable'),
  trackId: z.uuid().optional().describe('Only this track'),
  minConfidence: numberParameter(z.number().min(0).max(1)).optional().describe('Minimum confidence'),
  from: z.iso.datetime({ offset: true }).optional().describe('Start, inclusive (ISO 8601 with a time zone)'),
  to: z.iso.datetime({ offset: true }).optional().describe('End, exclusive (ISO 8601 with a time zone)'),
  firstOfTrack: booleanParameter().optional().describe('`true`: only the first detection of each track'),
  limit: numberParameter(z.int().min(1).max(200)).default(50).describe('Maximum page size'),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,200}$/, 'is not a cursor: use nextCursor of the previous page, unchanged')
    .optional()
    .describe('`nextCursor` of the previous page'),
});
export type DetectionQuery = z.infer<typeof detectionQuerySchema>;
