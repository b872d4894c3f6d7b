import { z } from 'zod';
import { cameraIdSchema } from './camera-id.ts';
import { detectorNameSchema } from './camera.ts';
import { booleanParameter, listParameter, numberParameter } from './query-parameters.ts';

/** Position and size as fractions of the frame, from the top left corner. */
export const boundingBoxSchema = z
  .object({
    x: z.number().min(0).max(1),
    y: z.number().min(0).max(1),
    width: z.number().min(0).max(1),
    height: z.number().min(0).max(1),
  })
  // Tolerates rounding errors.
  .refine(({ x, width }) => x + width <= 1.000_001, 'must end inside the frame (x + width ≤ 1)')
  .refine(({ y, height }) => y + height <= 1.000_001, 'must end inside the frame (y + height ≤ 1)');
export type BoundingBox = z.infer<typeof boundingBoxSchema>;

export const labelSchema = z.string().min(1).max(64);

/** One object that a detector found in a frame. `POST /detect` answers an array of these (R3.8). */
export const foundSchema = z.object({
  label: labelSchema,
  /** 0–1. For `motion`: the fraction of the box that moves. */
  confidence: z.number().min(0).max(1),
  boundingBox: boundingBoxSchema,
});
export type Found = z.infer<typeof foundSchema>;

export const detectAnswerSchema = z.array(foundSchema);

/** Derived from camera, frame and position in the result, so that processing a frame twice yields the same ids. */
export const detectionIdSchema = z.uuid();

export const detectionEntrySchema = foundSchema.extend({
  id: detectionIdSchema,
  detector: detectorNameSchema,
  /** The same for an object that is followed from frame to frame. */
  trackId: z.uuid(),
});
export type DetectionEntry = z.infer<typeof detectionEntrySchema>;

export const detectionsPerResultMax = 64;

const resultFields = {
  cameraId: cameraIdSchema,
  /** Capture time of the frame. */
  capturedAt: z.iso.datetime(),
  sequence: z.int().min(0),
  /** Size of the frame in pixels. */
  frame: z.object({ width: z.int().min(1), height: z.int().min(1) }),
  /** The detectors that processed the frame. The result replaces their previous one, and only theirs. */
  detectors: z.array(detectorNameSchema).min(1).max(4),
  /** Empty when the last objects disappeared. Published once; then nothing until the next detection. */
  detections: z.array(detectionEntrySchema).max(detectionsPerResultMax),
};

/** Maximum JPEG size of the frame in a result, in bytes. */
export const resultPictureMaxBytes = 1024 * 1024;

/** Value of `camplane.detections`: what one or more detectors found in a frame. */
export const detectionResultSchema = z.object({
  ...resultFields,
  /** The frame as base64 of its JPEG; null if it is too large or too soon after the previous one. */
  picture: z
    .base64()
    .max(Math.ceil(resultPictureMaxBytes / 3) * 4)
    .nullable(),
});
export type DetectionResult = z.infer<typeof detectionResultSchema>;

/** Fields of the `detection` message of the WebSocket: a result without its frame. */
export const detectionEventFields = resultFields;

/** A stored detection, as the HTTP API returns it (R3.5). */
export const storedDetectionSchema = foundSchema.extend({
  id: detectionIdSchema,
  cameraId: cameraIdSchema,
  detector: detectorNameSchema,
  trackId: z.uuid(),
  capturedAt: z.iso.datetime(),
  sequence: z.int(),
  frame: z.object({ width: z.int(), height: z.int() }),
  /** Path of the image on this API; null if it was not stored or has expired. */
  imagePath: z.string().nullable(),
});
export type StoredDetection = z.infer<typeof storedDetectionSchema>;

/** A page of detections, newest first. */
export const detectionListSchema = z.object({
  items: z.array(storedDetectionSchema),
  /** Cursor of the next page; null on the last page. */
  nextCursor: z.string().nullable(),
});

/**
 * A stored detection in the form of R3.5: `streamId` is the camera, and `imagePath` contains it. Detectors' details are
 * `metadata`.
 */
export const streamDetectionSchema = foundSchema.extend({
  id: detectionIdSchema,
  streamId: cameraIdSchema,
  /** Capture time of the frame. */
  timestamp: z.iso.datetime(),
  /** Path of the image on this API; null if it was not stored or has expired. */
  imagePath: z.string().nullable(),
  metadata: storedDetectionSchema.pick({ detector: true, trackId: true, sequence: true, frame: true }),
});
export type StreamDetection = z.infer<typeof streamDetectionSchema>;

/** A page of detections of one stream, newest first. */
export const streamDetectionListSchema = z.object({
  items: z.array(streamDetectionSchema),
  /** Cursor of the next page; null on the last page. */
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
/** Query of `listStreamDetections`. */
export const streamDetectionQuerySchema = detectionQuerySchema.omit({ cameraId: true });
export type DetectionQuery = z.infer<typeof detectionQuerySchema>;
