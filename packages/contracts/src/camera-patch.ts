import { z } from 'zod';
import { cameraInputSchema, credentialsSchema } from './camera.ts';

type PatchOf<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: PatchOf<T[K]> | null }
    : T;

/** Body of `updateCamera`: a JSON merge patch (RFC 7396) of a camera. */
export type PatchCamera = PatchOf<z.input<typeof cameraInputSchema>>;

/**
 * Every field of a camera, each optional. `null` resets a field to its default, and removes a label or the login. Lists
 * and `source.credentials` are replaced as a whole.
 */
export const patchCameraSchema = patchOf(cameraInputSchema) as z.ZodType<PatchCamera, PatchCamera>;

/** Without defaults, which would reset fields that the patch does not name. A required field cannot be null. */
function patchOf(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable
  ) {
    return patchOf(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodRecord) {
    return z.record(schema.keyType as z.ZodType<string, string>, (schema.valueType as z.ZodType).nullable());
  }
  if (!(schema instanceof z.ZodObject) || schema === credentialsSchema) return schema;
  const shape: Record<string, z.ZodType> = schema.shape;
  return z.strictObject(
    Object.fromEntries(
      Object.entries(shape).map(([name, field]) => {
        const patch = patchOf(field);
        return [name, (field.safeParse(undefined).success ? patch.nullable() : patch).optional()];
      }),
    ),
  );
}
