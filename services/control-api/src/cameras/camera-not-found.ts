import { CamplaneError } from '@camplane/contracts/problem';

export function cameraNotFound(id: string): CamplaneError {
  return new CamplaneError('camera-not-found', `Camera '${id.slice(0, 63)}' does not exist`);
}
