import { CamplaneError } from '../problem.ts';
import type { ErrorKind, Problem } from '../problem.ts';

/** An example of the `detail` of each kind of error. */
const details: Record<ErrorKind, string> = {
  'invalid-body': 'source.url: must not be empty',
  'invalid-query': 'limit: Too big: expected number to be <=200',
  'malformed-json': 'The body is not JSON: Unexpected end of JSON input',
  'unsupported-media-type': 'Send the body with Content-Type: application/json',
  'invalid-picture': 'The image is not a JPEG',
  'body-too-large': 'The body is larger than 65536 bytes',
  'cross-origin':
    'Changes from https://other.example are refused: add the origin to CAMPLANE_ALLOWED_ORIGINS to allow them',
  unauthenticated: 'Sign in, or send an API token in the header Authorization: Bearer TOKEN',
  'wrong-login': 'The user name or the password is wrong',
  forbidden: 'The permission camera.configure is needed',
  'user-not-found': "No user has the id '3f2f0a7e-3f0a-4b62-9d7d-1b7a2b9c6c11'",
  'role-not-found': "No role has the id 'guard'",
  'session-not-found': "No session has the id '0b3f5e1c-3f0a-4b62-9d7d-1b7a2b9c6c11'",
  'token-not-found': "No token has the id 'a3bb189e-8bf9-4c4a-9f0d-2f5d6c7b8a90'",
  'user-exists': "A user 'anna' already exists: choose another name",
  'external-user': 'The user signs in with OpenID Connect: change them there',
  'role-in-use': "Users have the role 'guard': remove it from them first",
  'role-built-in': "'viewer' is a built-in role: choose another name",
  'last-administrator': 'This is the last administrator: make another user an administrator first',
  'not-found': 'Nothing is served at /api/v2',
  'camera-not-found': "Camera 'front-door' does not exist",
  'detection-not-found': "Detection '7c9e6679-7425-40de-944b-e07fc1f90ae7' does not exist",
  'picture-not-kept': 'The image was not stored, or is older than the retention',
  'method-not-allowed': 'POST is not allowed here: use GET',
  'upgrade-required': '/api/v1/events is a WebSocket: connect with a WebSocket client',
  'precondition-failed':
    "Camera 'front-door' has changed since you read it: get it again, repeat your change on it, and send its new ETag in If-Match",
  'precondition-required': 'Send the ETag of the session in If-Match',
  'not-live': "Camera 'front-door' is not live: try again after Retry-After",
  'not-acceptable': "The offer receives no video: add a transceiver ('video', { direction: 'recvonly' })",
  'camera-exists': "A camera 'front-door' already exists: choose another id",
  'camera-limit': 'There are 200 cameras already: delete one, or raise CAMPLANE_MAX_CAMERAS',
  'too-many-requests': 'More than 300 changes per minute: wait, then retry',
  'stream-limit': '20 streams are running: try again later, or raise STREAM_MAX_CONCURRENT',
  'no-picture': "Camera 'front-door' has no frame at present: CredentialsRefused",
  'service-unavailable': 'camera-service is unreachable',
  'detector-unavailable': 'The detector person is unavailable',
  'store-unavailable': 'The database is unavailable',
  internal: 'Internal error',
};

/** An error as the API returns it. `detail` differs by cause, so programs compare `code`. */
export function problemExample(kind: ErrorKind): Problem {
  const detail = details[kind];
  const [, path = '', message = ''] = /^([\w.]+): (.*)$/.exec(detail) ?? [];
  const fields = kind.startsWith('invalid-') && path !== '' ? [{ path, message }] : [];
  return new CamplaneError(kind, detail, { fields }).toProblem();
}
