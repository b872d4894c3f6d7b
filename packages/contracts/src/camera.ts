import { z } from 'zod';
import { cameraLabelsSchema } from './camera-labels.ts';
import type { CameraLabels } from './camera-labels.ts';
import { withoutControlCharacters } from './control-characters.ts';
import { parseSourceUrl, sourceUrlMaxLength, sourceUrlPattern } from './source-url.ts';

/*
 * The configuration of a camera: the `spec` of the `Camera` resource and, with credentials instead of a reference to a
 * Secret, the body of the HTTP API. Every list and string has a maximum, which bounds the cost of CEL rules.
 */

export const sourceUrlSchema = z
  .string()
  .max(sourceUrlMaxLength, `must be at most ${sourceUrlMaxLength} characters`)
  .superRefine((text, context) => {
    const parsed = parseSourceUrl(text);
    if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.reason });
  })
  // For JSON Schema only. parseSourceUrl validates, with messages that name the remedy.
  .meta({ pattern: sourceUrlPattern });

/** A point of the frame, as fractions of its width and height from the top left corner. */
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
  /** Seconds between the last viewer leaving and an on-demand camera stopping. */
  idleSeconds: z.int().min(1).max(3600).default(30),
});

export const framesSchema = z.strictObject({
  fps: z.number().min(0.1, 'must be between 0.1 and 30').max(30, 'must be between 0.1 and 30').default(2),
  /** Width in pixels. Frames are never scaled up. */
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
  /** Empty: the whole frame. An object is in a zone if the middle of its lower edge is. */
  zones: z.array(polygonSchema).max(16).default([]),
});
export type DetectionSettings = z.infer<typeof detectionSchema>;

/** For reads. Earlier versions accepted `enabled: true`, which had no effect, so stored cameras may have it. */
export const homekitSchema = z.strictObject({ enabled: z.boolean().default(false) });

export const homekitUnavailable = 'HomeKit is not available in this version; leave homekit.enabled false';

/** For writes: `true` is refused until HomeKit exists. */
export const homekitInputSchema = z.strictObject({
  enabled: z
    .boolean()
    .refine((enabled) => !enabled, homekitUnavailable)
    .meta({ enum: [false] })
    .default(false),
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

/**
 * A camera as it is stored. The referenced Secret has the keys username and password. `Camera` resources have their
 * labels in `metadata`.
 */
export const cameraSpecSchema = z.strictObject({
  ...cameraFields,
  labels: cameraLabelsSchema.default({}),
  source: z.strictObject({
    ...sourceFields,
    credentialsSecretRef: z
      .strictObject({
        name: z
          .string()
          .min(1)
          .max(253)
          // DNS subdomain (RFC 1123), as Kubernetes requires.
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

export const credentialsSchema = z.strictObject({
  username: z.string().max(256).regex(withoutControlCharacters, 'must not contain control characters'),
  password: z.string().max(256).regex(withoutControlCharacters, 'must not contain control characters'),
});
export type Credentials = z.infer<typeof credentialsSchema>;

/**
 * A camera as clients write it over HTTP. `credentials`: absent keeps the stored ones, `null` removes them. `labels`:
 * absent keeps the stored ones, because a client that does not know labels must not change who sees the camera.
 */
export const cameraInputSchema = z.strictObject({
  ...cameraFields,
  labels: cameraLabelsSchema.optional(),
  homekit: homekitInputSchema.prefault({}),
  source: z.strictObject({ ...sourceFields, credentials: credentialsSchema.nullable().optional() }),
});
export type CameraInput = z.infer<typeof cameraInputSchema>;

/**
 * A camera as the registry passes it to the services that run it, credentials included. Kept in memory and in the
 * database; never written to a log, a topic or an API response.
 */
export type CameraConfig = {
  id: string;
  spec: Omit<CameraSpec, 'source' | 'labels'> & {
    source: Omit<CameraSpec['source'], 'credentialsSecretRef'>;
    /** For access control; the services that run cameras ignore them. */
    labels?: CameraLabels | undefined;
  };
  credentials: Credentials | null;
  /** Why the stored credentials cannot be read, with the remedy. The camera is kept and does not run. */
  credentialsProblem?: string;
  /** Incremented by each change of `spec` or `credentials`; conditions report it as `observedGeneration`. */
  generation: number;
  /** Time of the last manual start (ISO 8601). A change ends the backoff between attempts. */
  startRequestedAt: string | null;
};

/**
 * A change in the set of cameras, as registries report it to the services that run them. In a cluster it has no
 * credentials: camera pods read those from Secrets.
 */
export type CameraChange =
  /** `createdAt`: when the camera was registered (ISO 8601); absent for cameras of a file. */
  { type: 'changed'; camera: CameraConfig; createdAt?: string } | { type: 'removed'; id: string };
