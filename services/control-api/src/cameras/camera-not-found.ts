import { CamplaneError } from '@camplane/contracts/problem';

export function cameraNotFound(id: string): CamplaneError {
  return new CamplaneError('camera-not-found', `There is no camera '${id.slice(0, 63)}'`);
}
