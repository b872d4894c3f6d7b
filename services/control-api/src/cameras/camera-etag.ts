import { CamplaneError } from '@camplane/contracts/problem';
import { createHash } from 'node:crypto';
import { isMatch } from '../http/if-match.ts';
import { toCameraAnswer } from './camera-answer.ts';
import type { CameraRecord } from './registry.ts';

/**
 * The strong entity tag (RFC 9110, section 8.8.1) of a camera as the API returns it. The generation is part of it: a
 * changed password does not show otherwise.
 */
export function cameraEtag(camera: CameraRecord): string {
  const text = JSON.stringify([camera.generation, toCameraAnswer(camera)]);
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}

/**
 * Refuses a change that was made on an older camera. Without `If-Match` the last writer wins.
 *
 * @param stored undefined: stored and invalid, so that no client has its tag
 * @throws CamplaneError `precondition-failed`
 */
export function requireMatch(
  ifMatch: string | undefined,
  id: string,
  stored: CameraRecord | undefined,
): void {
  if (ifMatch === undefined || isMatch(ifMatch, stored && cameraEtag(stored))) return;
  throw new CamplaneError(
    'precondition-failed',
    `Camera '${id}' has changed since you read it: get it again, repeat your change on it, and send its new ETag ` +
      'in If-Match',
  );
}
