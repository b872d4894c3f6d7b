import type { z } from 'zod';
import { cameraStatusSchema } from './camera-status.ts';

/** A topic of the event bus whose values are JSON of one schema; the key is the camera id. */
export type JsonTopic<T> = { name: string; schema: z.ZodType<T>; compacted: boolean };

/** Status on every change, and at least every 10 s (R3.3). Compacted: the latest of each camera is kept. */
export const cameraStatusTopic = {
  name: 'camplane.camera-status',
  schema: cameraStatusSchema,
  compacted: true,
} as const satisfies JsonTopic<z.infer<typeof cameraStatusSchema>>;

/** How often a camera's status is repeated though nothing changed, and when its silence means it is unhealthy. */
export const heartbeatIntervalMs = 10_000;
export const heartbeatMissingAfterMs = 30_000;
