import type { CameraInput } from '@camplane/contracts/camera';
import { replaceCameraSchema } from '@camplane/contracts/camera-http';
import type { PatchCamera } from '@camplane/contracts/camera-patch';
import { parseBody } from '../http/parse-body.ts';
import { mergePatch } from './merge-patch.ts';
import type { CameraRecord } from './registry.ts';

/**
 * The stored camera with a merge patch, validated like the body of a replacement. Credentials are not part of the stored
 * camera, and absent ones are kept, so that their removal has to stay `null`. The same holds for all labels.
 *
 * @throws CamplaneError `invalid-body`
 */
export function patchedInput({ spec }: CameraRecord, patch: PatchCamera): CameraInput {
  const merged = mergePatch(spec, patch) as Record<string, unknown>;
  const source = patch.source?.credentials === null ? { source: withoutLogin(merged) } : {};
  const labels = patch.labels === null ? { labels: {} } : {};
  return parseBody(replaceCameraSchema, { ...merged, ...source, ...labels }) as CameraInput;
}

function withoutLogin({ source }: Record<string, unknown>): object {
  return { ...(source as object), credentials: null };
}
