import { CamplaneError } from '@camplane/contracts/problem';

export function cameraExists(id: string): CamplaneError {
  return new CamplaneError('camera-exists', `Camera '${id}' already exists: choose another id`, {
    fields: [{ path: 'id', message: 'is taken: choose another id' }],
  });
}

export function cameraLimit(maxCameras: number): CamplaneError {
  return new CamplaneError(
    'camera-limit',
    `The limit of ${maxCameras} cameras is reached: delete one, or raise CAMPLANE_MAX_CAMERAS`,
  );
}

/** See `credentials-scope.ts`. */
export function credentialsForOtherHost(): CamplaneError {
  return new CamplaneError('invalid-body', 'The stored credentials are not sent to another host', {
    fields: [
      {
        path: 'source.credentials',
        message:
          'must be sent again (or null) when the host, port or scheme of the source changes: ' +
          'stored credentials are never sent to another host',
      },
    ],
  });
}

/** @param problem names the remedy */
export function credentialsUnreadable(problem: string): CamplaneError {
  return new CamplaneError('invalid-body', problem, { fields: [{ path: 'credentials', message: problem }] });
}

export function storedInvalid(id: string): CamplaneError {
  return new CamplaneError('internal', `The stored camera '${id}' is invalid: replace or delete it`);
}
