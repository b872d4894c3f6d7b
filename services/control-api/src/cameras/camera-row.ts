import { cameraIdSchema } from '@camplane/contracts/camera-id';
import { cameraSpecSchema, credentialsSchema } from '@camplane/contracts/camera';
import { fieldsOf } from '@camplane/contracts/problem';
import { z } from 'zod';
import type { CameraRow } from '../store/schema.ts';
import type { CameraRecord } from './registry.ts';

/** The stored spec: the HTTP body without the credentials, which have their own column. */
export const storedSpecSchema = cameraSpecSchema.extend({
  source: cameraSpecSchema.shape.source.omit({ credentialsSecretRef: true }),
});

const rowSchema = z.object({
  id: cameraIdSchema,
  spec: storedSpecSchema,
  credentials: credentialsSchema.nullable(),
  generation: z.int().min(1),
  startRequestedAt: z.date().nullable(),
  createdAt: z.date(),
  updatedAt: z.date(),
});

export type ParsedRow = { ok: true; camera: CameraRecord } | { ok: false; id: string; fields: string[] };

/** Parses a row. An invalid one is reported by the names of its fields only: values may be secret. */
export function parseCameraRow(row: CameraRow): ParsedRow {
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) {
    return { ok: false, id: row.id, fields: fieldsOf(parsed.error).map((field) => field.path) };
  }
  const { startRequestedAt, createdAt, updatedAt, ...rest } = parsed.data;
  return {
    ok: true,
    camera: {
      ...rest,
      startRequestedAt: startRequestedAt?.toISOString() ?? null,
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
    },
  };
}
