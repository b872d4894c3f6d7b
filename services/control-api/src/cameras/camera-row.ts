import { cameraIdSchema } from '@camplane/contracts/camera-id';
import { cameraSpecSchema } from '@camplane/contracts/camera';
import { fieldsOf } from '@camplane/contracts/problem';
import { z } from 'zod';
import type { Opened } from '../credentials/envelope.ts';
import type { CameraRow } from '../store/schema.ts';
import type { CameraRecord } from './registry.ts';

/** The stored spec: the HTTP body without the credentials, which have their own column. */
export const storedSpecSchema = cameraSpecSchema.extend({
  source: cameraSpecSchema.shape.source.omit({ credentialsSecretRef: true }),
});

const rowSchema = z.object({
  id: cameraIdSchema,
  spec: storedSpecSchema,
  generation: z.int().min(1),
  startRequestedAt: z.date().nullable(),
  createdAt: z.date(),
  updatedAt: z.date(),
});

export type ParsedRow = { ok: true; camera: CameraRecord } | { ok: false; id: string; fields: string[] };

/**
 * Parses a row. An invalid one is reported by the names of its fields only: values may be secret. One whose credentials
 * cannot be read is a camera with `credentialsProblem`.
 */
export function parseCameraRow(row: CameraRow, credentials: Opened): ParsedRow {
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) {
    return { ok: false, id: row.id, fields: fieldsOf(parsed.error).map((field) => field.path) };
  }
  const { startRequestedAt, createdAt, updatedAt, ...rest } = parsed.data;
  return {
    ok: true,
    camera: {
      ...rest,
      ...recordOf(credentials),
      startRequestedAt: startRequestedAt?.toISOString() ?? null,
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
    },
  };
}

function recordOf(opened: Opened): Pick<CameraRecord, 'credentials' | 'credentialsProblem'> {
  if (opened.kind === 'none') return { credentials: null };
  if (opened.kind === 'unreadable') return { credentials: null, credentialsProblem: opened.problem };
  return { credentials: opened.credentials };
}
