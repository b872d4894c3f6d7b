import { z } from 'zod';
import { cameraIdSchema } from './camera-id.ts';
import {
  cameraInputSchema,
  cameraSpecSchema,
  credentialsSchema,
  sourceUrlSchema,
  transportSchema,
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
});
export type ProbeRequest = z.infer<typeof probeRequestSchema>;

export const probedVideoSchema = z.object({
  codec: z.string(),
  profile: z.string().nullable(),
  width: z.int(),
  height: z.int(),
  fps: z.number().nullable(),
  hasBFrames: z.boolean(),
});
export const probedAudioSchema = z.object({ codec: z.string(), sampleRate: z.int(), channels: z.int() });

export const probeResultSchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    video: probedVideoSchema,
    audio: probedAudioSchema.nullable(),
    /** A frame as a `data:image/jpeg;base64,…` URL; null if none was decoded in time. */
    picture: z.string().nullable(),
    /** Warnings for the user: a codec that browsers cannot play, B-frames, … */
    advice: z.array(z.string()),
    suggestedMode: z.enum(['copy', 'transcode', 'overlay']),
  }),
  z.object({ ok: z.literal(false), reason: streamFailureKindSchema, message: z.string() }),
]);
export type ProbeResult = z.infer<typeof probeResultSchema>;
