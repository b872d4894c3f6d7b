import { z } from 'zod';
import { cameraIdSchema } from './camera-id.ts';
import {
  cameraInputSchema,
  cameraSpecSchema,
  credentialsSchema,
  sourceUrlSchema,
  transportSchema,
  videoModeSchema,
} from './camera.ts';
import { cameraStatusSchema, streamFailureKindSchema } from './camera-status.ts';

/** Body of `createCamera`. */
export const createCameraSchema = cameraInputSchema.extend({ id: cameraIdSchema });
export type CreateCamera = z.infer<typeof createCameraSchema>;

/** Body of `replaceCamera`: the whole camera. Omitted fields take their defaults. */
export const replaceCameraSchema = cameraInputSchema;

/** A camera as the API returns it: `hasCredentials` in place of the credentials, which are never returned. */
export const cameraSchema = cameraSpecSchema.omit({ source: true }).extend({
  id: cameraIdSchema,
  source: cameraSpecSchema.shape.source
    .omit({ credentialsSecretRef: true })
    .extend({ hasCredentials: z.boolean() }),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Camera = z.infer<typeof cameraSchema>;

export const cameraListSchema = z.object({ items: z.array(cameraSchema) });
export const cameraStatusListSchema = z.object({ items: z.array(cameraStatusSchema) });

/** Answer of `readCombined` (R2.3). */
export const combinedCameraSchema = z.object({ camera: cameraSchema, status: cameraStatusSchema });

/**
 * Body of `probeSource`. `cameraId` lets a client that edits a camera probe with the stored credentials, which it never
 * receives.
 */
export const probeRequestSchema = z.strictObject({
  url: sourceUrlSchema,
  transport: transportSchema.default('tcp'),
  credentials: credentialsSchema.nullable().optional(),
  cameraId: cameraIdSchema.optional(),
  /** `ok` is true only if the source runs in this mode, with this sound setting. */
  mode: videoModeSchema.default('copy'),
  audio: z.boolean().default(false),
});
export type ProbeRequest = z.infer<typeof probeRequestSchema>;

export const probedVideoSchema = z.object({
  codec: z.string(),
  profile: z.string().nullable(),
  level: z.string().nullable().default(null),
  width: z.int(),
  height: z.int(),
  fps: z.number().nullable(),
  hasBFrames: z.boolean(),
});
export const probedAudioSchema = z.object({
  codec: z.string(),
  sampleRate: z.int(),
  channels: z.int(),
  /** Whether packets arrived; null if that was not observed. */
  isSent: z.boolean().nullable().default(null),
});

/** What else was observed of a source; null: not known. */
export const probedSourceSchema = z.object({
  kind: z.enum(['rtsp', 'mjpeg', 'snapshot', 'hls', 'http', 'device', 'file', 'test']),
  /** `none`, `basic`, `digest-md5`, `digest-sha-256` …: the login that the camera accepted. */
  login: z.string().nullable(),
  /** Protocol and cipher. */
  tls: z.string().nullable(),
  /** Of the camera's description: `video`, `audio`, `application`; direction as in SDP. */
  tracks: z.array(z.object({ type: z.string(), codec: z.string(), direction: z.string().nullable() })),
  keyFrameIntervalS: z.number().nullable(),
  intraRefresh: z.boolean().nullable(),
  bitRateKbps: z.int().nullable(),
  /** From the start of the connection to the answer, the first picture and the first key frame. */
  answerMs: z.int().nullable(),
  firstPictureMs: z.int().nullable(),
  firstKeyFrameMs: z.int().nullable(),
});
export type ProbedSource = z.infer<typeof probedSourceSchema>;

/** What follows from the source, for people. */
export const consequenceSchema = z.object({
  about: z.enum(['browsers', 'homekit', 'detection', 'cost']),
  text: z.string(),
});
export type Consequence = z.infer<typeof consequenceSchema>;

/** Whether a configuration runs with this source; the message says why not, or what is left out. */
export const willRunSchema = z.object({
  mode: videoModeSchema,
  audio: z.boolean(),
  runs: z.boolean(),
  message: z.string().nullable(),
});
export type WillRun = z.infer<typeof willRunSchema>;

export const probeResultSchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    video: probedVideoSchema,
    audio: probedAudioSchema.nullable(),
    source: probedSourceSchema.nullable().default(null),
    /** A frame as a `data:image/jpeg;base64,…` URL; null if none was decoded in time. */
    picture: z.string().nullable(),
    /** Problems of the source, each with its remedy: a codec that browsers cannot play, B-frames, … */
    advice: z.array(z.string()),
    consequences: z.array(consequenceSchema).default([]),
    suggestedMode: videoModeSchema,
    willRun: z.array(willRunSchema).default([]),
  }),
  z.object({
    ok: z.literal(false),
    reason: streamFailureKindSchema,
    message: z.string(),
    /** The mode that runs, if only the requested one does not. */
    suggestedMode: videoModeSchema.nullable().default(null),
  }),
]);
export type ProbeResult = z.infer<typeof probeResultSchema>;
