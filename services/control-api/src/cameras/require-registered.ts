import type { CameraDirectory } from '../access/camera-rights.ts';
import { cameraNotFound } from './camera-not-found.ts';

/** For what does not read the registry: rights on all cameras include absent ones. @throws CamplaneError `camera-not-found` */
export function requireRegistered(id: string, cameras: Pick<CameraDirectory, 'identity'>): void {
  if (cameras.identity(id) === undefined) throw cameraNotFound(id);
}
