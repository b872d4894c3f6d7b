import { z } from 'zod';
import { labelKeySchema, labelValueSchema } from './access.ts';

/** Maximum number of labels of a camera. */
export const cameraLabelsMax = 32;

/** Labels of a camera. Grants and API tokens can be limited to the cameras with a label. */
export const cameraLabelsSchema = z
  .record(labelKeySchema, labelValueSchema)
  .refine(
    (labels) => Object.keys(labels).length <= cameraLabelsMax,
    `must be at most ${cameraLabelsMax} labels`,
  )
  .meta({ maxProperties: cameraLabelsMax });
export type CameraLabels = z.infer<typeof cameraLabelsSchema>;
