import { CamplaneError } from '@camplane/contracts/problem';

export function cameraExists(id: string): CamplaneError {
  return new CamplaneError('camera-exists', `There is a camera '${id}' already: choose another id`, {
    fields: [{ path: 'id', message: 'is taken' }],
  });
}

export function cameraLimit(maxCameras: number): CamplaneError {
  return new CamplaneError(
    'camera-limit',
    `There are ${maxCameras} cameras already: delete one, or raise CAMPLANE_MAX_CAMERAS`,
  );
}

/** See `credentials-scope.ts`. */
export function refuseOtherHost(): CamplaneError {
  return new CamplaneError('invalid-body', 'The stored credentials are not sent to another host', {
    fields: [
      {
        path: 'source.credentials',
        message:
          'must be written again (or null) when the host, port or scheme of the source changes: ' +
          'stored credentials are never sent to another host',
      },
    ],
  });
}

export function storedInvalid(id: string): CamplaneError {
  return new CamplaneError('internal', `The stored camera '${id}' is not valid: write it again`);
}
