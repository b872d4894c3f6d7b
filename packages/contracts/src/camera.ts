import { z } from 'zod';
import { parseSourceUrl, sourceUrlMaxLength, sourceUrlPattern } from './source-url.ts';

/**
 * A camera's configuration: the `spec` of the `Camera` resource and, with credentials in place of a
 * reference to a Secret, the body of the HTTP API. Every list and string is bounded, so that the schema
 * can be evaluated at a fixed cost wherever it is used.
 */

export const sourceUrlSchema = z
  .string()
  .max(sourceUrlMaxLength, `must be at most ${sourceUrlMaxLength} characters`)
  .superRefine((text, context) => {
    const parsed = parseSourceUrl(text);
    if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.reason });
  })
  // For documents only: the message of parseSourceUrl says what to write instead.
  .meta({ pattern: sourceUrlPattern });

/** A point of the picture, as fractions of its width and height, from the top left. */
export const pointSchema = z.strictObject({
  x: z.number().min(0, 'must be between 0 and 1').max(1, 'must be between 0 and 1'),
  y: z.number().min(0, 'must be between 0 and 1').max(1, 'must be between 0 and 1'),
});
export type Point = z.infer<typeof pointSchema>;

export const polygonSchema = z.strictObject({
  name: z.string().max(64).default(''),
  points: z.array(pointSchema).min(3, 'must have at least 3 points').max(32, 'must have at most 32 points'),
});
export type Polygon = z.infer<typeof polygonSchema>;

export const overlaySchema = z.strictObject({
  timestamp: z.boolean().default(true),
  boxes: z.boolean().default(true),
  privacyMasks: z.array(polygonSchema).max(16, 'must have at most 16 masks').default([]),
});
export type Overlay = z.infer<typeof overlaySchema>;

export const videoModeSchema = z.enum(['copy', 'transcode', 'overlay']);
export type VideoMode = z.infer<typeof videoModeSchema>;

export const videoSchema = z.strictObject({
  mode: videoModeSchema.default('copy'),
  overlay: overlaySchema.prefault({}),
});

export const audioSchema = z.strictObject({ enabled: z.boolean().default(false) });

export const lifecycleSchema = z.strictObject({
  start: z.enum(['Always', 'OnDemand']).default('Always'),
  /** Seconds after the last viewer left until an on-demand camera stops. */
  idleSeconds: z.int().min(1).max(3600).default(30),
});

export const framesSchema = z.strictObject({
  fps: z.number().min(0.1, 'must be between 0.1 and 30').max(30, 'must be between 0.1 and 30').default(2),
  /** Width of the frames in pixels; never scaled above the source. */
  width: z.int().min(64).max(3840).default(640),
  /** JPEG quality, 1–100. */
  quality: z.int().min(1).max(100).default(80),
});
export type FramesSettings = z.infer<typeof framesSchema>;

export const detectorNameSchema = z.enum(['motion', 'person', 'http', 'onnx']);
export type DetectorName = z.infer<typeof detectorNameSchema>;

export const detectionSchema = z.strictObject({
  enabled: z.boolean().default(true),
  detectors: z.array(detectorNameSchema).max(4).default(['motion', 'person']),
  minConfidence: z.number().min(0).max(1).default(0.5),
  /** Where to look; empty: everywhere. What is found counts where the middle of its lower edge is in a zone. */
  zones: z.array(polygonSchema).max(16).default([]),
});
export type DetectionSettings = z.infer<typeof detectionSchema>;

/** As stored: earlier versions accepted `enabled: true`, which had no effect, so reads still do. */
export const homekitSchema = z.strictObject({ enabled: z.boolean().default(false) });

export const homekitUnavailable = 'HomeKit is not available in this version; leave homekit.enabled false';

/** As written: refused until HomeKit exists. */
export const homekitInputSchema = z.strictObject({
  enabled: z
    .boolean()
    .refine((enabled) => !enabled, homekitUnavailable)
    .default(false)
    .meta({ enum: [false] }),
});

export const transportSchema = z.enum(['tcp', 'udp']);

const sourceFields = {
  url: sourceUrlSchema,
  subUrl: sourceUrlSchema.nullable().default(null),
  transport: transportSchema.default('tcp'),
};

const cameraFields = {
  displayName: z.string().max(128, 'must be at most 128 characters').default(''),
  description: z.string().max(1024, 'must be at most 1024 characters').default(''),
  enabled: z.boolean().default(true),
  video: videoSchema.prefault({}),
  audio: audioSchema.prefault({}),
  lifecycle: lifecycleSchema.prefault({}),
  frames: framesSchema.prefault({}),
  detection: detectionSchema.prefault({}),
  homekit: homekitSchema.prefault({}),
};

/** `spec` of the `Camera` resource. Credentials are a reference to a Secret with the keys username and password. */
export const cameraSpecSchema = z.strictObject({
  ...cameraFields,
  source: z.strictObject({
    ...sourceFields,
    credentialsSecretRef: z
      .strictObject({
        name: z
          .string()
          .min(1)
          .max(253)
          // A DNS subdomain (RFC 1123), as Kubernetes has it.
          .regex(
            /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
            'must be the name of a Secret: lower-case letters, digits, hyphens and dots',
          ),
      })
      .nullable()
      .default(null),
  }),
});
export type CameraSpec = z.infer<typeof cameraSpecSchema>;

// Written as ranges: generators of clients and tests do not know `\p{Cc}`, which is the same set.
// eslint-disable-next-line no-control-regex -- control characters are what it refuses
const withoutControlCharacters = /^[^\x00-\x1f\x7f-\x9f]*$/;
export const credentialsSchema = z.strictObject({
  username: z.string().max(256).regex(withoutControlCharacters, 'must not contain control characters'),
  password: z.string().max(256).regex(withoutControlCharacters, 'must not contain control characters'),
});
export type Credentials = z.infer<typeof credentialsSchema>;

/**
 * What may be written over HTTP. `credentials` absent: keep what is stored; `null`: forget it; an object:
 * replace it. They are never read back.
 */
export const cameraInputSchema = z.strictObject({
  ...cameraFields,
  homekit: homekitInputSchema.prefault({}),
  source: z.strictObject({ ...sourceFields, credentials: credentialsSchema.nullable().optional() }),
});
export type CameraInput = z.infer<typeof cameraInputSchema>;

/**
 * A camera as the registry hands it to the services that run it: the configuration with its credentials.
 * Held in memory and in the store only; never serialised into a log, a topic or an API answer.
 */
export type CameraConfig = {
  id: string;
  spec: Omit<CameraSpec, 'source'> & { source: Omit<CameraSpec['source'], 'credentialsSecretRef'> };
  credentials: Credentials | null;
  /** Rises with each change of `spec` or `credentials`; conditions quote it as `observedGeneration`. */
  generation: number;
  /** When someone last asked for a start by hand (ISO 8601): a change ends a pause between attempts. */
  startRequestedAt: string | null;
};

/**
 * One change in the set of cameras, as registries report it to the services that run them. In a cluster it carries no
 * credentials: those are in Secrets, which are read when a camera starts.
 */
export type CameraChange = { type: 'changed'; camera: CameraConfig } | { type: 'removed'; id: string };
