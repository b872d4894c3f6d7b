import { z } from 'zod';
import { cameraIdSchema } from './camera-id.ts';
import { cameraInputSchema, homekitSchema } from './camera.ts';

/** The file of cameras that camera-service runs: written by hand, or mounted into a camera's pod by the operator. */
export const camerasFileSchema = z.strictObject({
  cameras: z
    .array(
      cameraInputSchema.extend({
        id: cameraIdSchema,
        // The operator copies stored cameras here, which may have it on.
        homekit: homekitSchema.prefault({}),
        /** Of the `Camera` resource that the file was written from: conditions quote it. */
        generation: z.int().min(0).optional(),
        /** When someone last asked for a start by hand: a change ends a pause between attempts. */
        startRequestedAt: z.iso.datetime().nullable().default(null),
      }),
    )
    .max(1000),
});
export type CamerasFile = z.infer<typeof camerasFileSchema>;
