import { z } from 'zod';
import { cameraIdSchema } from './camera-id.ts';
import { cameraStatusSchema } from './camera-status.ts';
import { detectionEventFields } from './detection.ts';
import type { Permission } from './operation.ts';
import { listParameter } from './query-parameters.ts';

/** Messages of `followEvents` from the server (R3.6). `at` is the time of sending. */
export const serverEventSchema = z.discriminatedUnion('type', [
  /** Phase, reason or conditions of a camera changed, or the client subscribed. */
  z.object({
    type: z.literal('stream:status'),
    at: z.iso.datetime(),
    cameraId: cameraIdSchema,
    status: cameraStatusSchema,
  }),
  /** Every 10 s for each camera. */
  z.object({
    type: z.literal('stream:heartbeat'),
    at: z.iso.datetime(),
    cameraId: cameraIdSchema,
    status: cameraStatusSchema,
  }),
  /** The detections of a frame. An empty list: the previous objects disappeared. */
  z.object({ type: z.literal('detection'), at: z.iso.datetime(), ...detectionEventFields }),
  /** A camera was deleted. */
  z.object({ type: z.literal('stream:removed'), at: z.iso.datetime(), cameraId: cameraIdSchema }),
  z.object({ type: z.literal('pong'), at: z.iso.datetime() }),
  z.object({
    type: z.literal('subscribed'),
    at: z.iso.datetime(),
    cameraIds: z.array(cameraIdSchema).nullable(),
  }),
  z.object({ type: z.literal('error'), at: z.iso.datetime(), code: z.string(), message: z.string() }),
]);
export type ServerEvent = z.infer<typeof serverEventSchema>;

/** The permission that a client needs on the camera of a message to receive it; `signed-in`: it concerns no camera. */
export const serverEventPermissions = {
  'stream:status': 'camera.view',
  'stream:heartbeat': 'camera.view',
  detection: 'detection.view',
  'stream:removed': 'camera.view',
  pong: 'signed-in',
  subscribed: 'signed-in',
  error: 'signed-in',
} as const satisfies Record<ServerEvent['type'], Permission>;

/** Messages of `followEvents` from the client. Without `subscribe` or `?cameraId`, a client follows every camera. */
export const clientEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ping') }),
  z.strictObject({ type: z.literal('subscribe'), cameraIds: z.array(cameraIdSchema).max(1000).nullable() }),
]);
export type ClientEvent = z.infer<typeof clientEventSchema>;

/** Query of `followEvents`: the initial subscription. */
export const eventsQuerySchema = z.strictObject({
  cameraId: listParameter(cameraIdSchema, 1000).optional().describe('Only these cameras. Repeatable'),
});
export type EventsQuery = z.infer<typeof eventsQuerySchema>;
