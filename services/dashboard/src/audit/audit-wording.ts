import type { AuditEntry } from '@camplane/contracts/access';

const actionTexts: Readonly<Record<string, string>> = {
  createSession: 'Sign in',
  startOidc: 'Begin a sign-in with OpenID Connect',
  finishOidc: 'Sign in with OpenID Connect',
  deleteSession: 'Sign out',
  changePassword: 'Change own password',
  endSession: 'End a session',
  createToken: 'Create a token',
  revokeToken: 'Revoke a token',
  createUser: 'Add a user',
  replaceUser: 'Change a user',
  deleteUser: 'Delete a user',
  resetPassword: 'Reset a password',
  replaceRole: 'Change a role',
  deleteRole: 'Delete a role',
  createCamera: 'Add a camera',
  replaceCamera: 'Change a camera',
  updateCamera: 'Change a camera',
  deleteCamera: 'Delete a camera',
  startCamera: 'Start a camera',
  stopCamera: 'Stop a camera',
  createStream: 'Add a stream',
  updateStream: 'Change a stream',
  deleteStream: 'Delete a stream',
  startStream: 'Start a stream',
  stopStream: 'Stop a stream',
  readSnapshot: 'Read a snapshot',
  createTicket: 'Watch a camera',
  followEvents: 'Follow events',
  followJpeg: 'Watch live JPEG',
  followCameras: 'Watch live JPEG of many cameras',
  readMjpeg: 'Watch live JPEG over HTTP',
  readJpegSnapshot: 'Read a picture',
  probeSource: 'Test a source',
  'media.read': 'Read a stream',
};

/** The actions that the filter suggests. */
export const knownActions: readonly (readonly [action: string, text: string])[] = Object.entries(actionTexts);

/** An action for people. Others are made readable: `listUsers` becomes `List users`. */
export function actionText(action: string): string {
  const known = actionTexts[action];
  if (known !== undefined) return known;
  const words = action
    .replaceAll(/[.:_-]+/g, ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

const methodTexts: Record<AuditEntry['method'], string> = {
  session: 'browser session',
  token: 'API token',
  jwt: 'access token',
  proxy: 'proxy',
  oidc: 'OpenID Connect',
  ticket: 'stream ticket',
  password: 'password',
  none: 'without access control',
  anonymous: 'not signed in',
  service: 'service',
};

/** The credential of an entry. */
export function methodText(method: AuditEntry['method']): string {
  return methodTexts[method];
}
