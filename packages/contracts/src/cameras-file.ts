import { z } from 'zod';
import { cameraIdSchema } from './camera-id.ts';
import { cameraInputSchema, homekitSchema } from './camera.ts';

/** The file of cameras that camera-service runs: written by hand, or by the operator for the pod of a camera. */
export const camerasFileSchema = z.strictObject({
  cameras: z
    .array(
      cameraInputSchema.extend({
        id: cameraIdSchema,
        // The operator copies stored cameras, which may have `enabled: true`.
        homekit: homekitSchema.prefault({}),
        /** Generation of the `Camera` resource; conditions report it. */
        generation: z.int().min(0).optional(),
        /** Time of the last manual start. A change ends the backoff between attempts. */
        startRequestedAt: z.iso.datetime().nullable().default(null),
      }),
    )
    .max(1000),
});
export type CamerasFile = z.infer<typeof camerasFileSchema>;
