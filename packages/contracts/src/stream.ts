import { z } from 'zod';
import { cameraIdSchema } from './camera-id.ts';
import { sourceUrlSchema } from './camera.ts';
import type { CameraPhase } from './camera-status.ts';

/*
 * A camera seen as a pipeline (R3.4): one stored thing with two views. `name` is its `displayName`, `rtspUrl` its
 * `source.url`, `fps` its `frames.fps`. Fields that a stream lacks keep their values.
 */

/** The words of R3.3. An on-demand camera without viewers (`IDLE`) is a `STOPPED` stream: nothing runs. */
export const streamStateSchema = z.enum(['STOPPED', 'STARTING', 'RUNNING', 'ERROR', 'STOPPING']);
export type StreamState = z.infer<typeof streamStateSchema>;

export const streamSchema = z.object({
  id: cameraIdSchema,
  name: z.string(),
  /** The source URL, which never contains a user or password. Cameras may also have other schemes than RTSP. */
  rtspUrl: z.string(),
  status: streamStateSchema,
  detectionEnabled: z.boolean(),
  /** Frames per second for detection. Below 1 if the camera was configured so. */
  fps: z.number(),
  /** Time of the last report of camera-service; null before the first. */
  lastHeartbeat: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Stream = z.infer<typeof streamSchema>;

export const streamListSchema = z.object({ items: z.array(streamSchema) });

const streamFields = {
  name: z.string().max(128, 'must be at most 128 characters'),
  rtspUrl: sourceUrlSchema,
  detectionEnabled: z.boolean(),
  fps: z.number().min(1, 'must be between 1 and 30').max(30, 'must be between 1 and 30'),
};

/** Body of `createStream`. */
export const createStreamSchema = z.strictObject({
  id: cameraIdSchema
    .refine((id) => id !== 'health', {
      message: 'must not be health, which is the path of the health report: choose another id',
    })
    .meta({ not: { const: 'health' } }),
  ...streamFields,
  name: streamFields.name.default(''),
  detectionEnabled: streamFields.detectionEnabled.default(true),
  fps: streamFields.fps.default(2),
});
export type CreateStream = z.infer<typeof createStreamSchema>;

/** Body of `updateStream`: the fields to change. */
export const updateStreamSchema = z.strictObject(streamFields).partial();
export type UpdateStream = z.infer<typeof updateStreamSchema>;

/** Answer of `listStreamHealth`: streams in `ERROR`, and those without a heartbeat for 30 s. */
export const streamHealthSchema = z.object({
  /** Streams that the caller may view. */
  total: z.int(),
  unhealthy: z.array(
    z.object({
      id: cameraIdSchema,
      name: z.string(),
      status: streamStateSchema,
      /** A CamelCase word for programs: `HeartbeatMissing`, or the reason of the camera's status. */
      reason: z.string(),
      /** A sentence for people. */
      message: z.string(),
      lastHeartbeat: z.iso.datetime().nullable(),
    }),
  ),
});
export type StreamHealth = z.infer<typeof streamHealthSchema>;

/**
 * The state of a stream from the phase of its camera. A disabled camera that still runs is `STOPPING`: the answer to a
 * stop comes before camera-service reports it.
 */
export function streamStateOf(phase: CameraPhase, enabled: boolean): StreamState {
  if (phase === 'IDLE') return 'STOPPED';
  return !enabled && (phase === 'STARTING' || phase === 'RUNNING') ? 'STOPPING' : phase;
}
