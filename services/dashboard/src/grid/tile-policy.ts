import type { Camera } from '@camplane/contracts/camera-http';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { MediaAddresses } from '../player/player.ts';

/**
 * Whether a tile on the screen should play. A camera that fails keeps a viewer it has (the server shows a
 * slate until it is back) but is given no new one; an on-demand camera plays only when asked to, or opening
 * the grid would start all of them.
 */
export function wantsLive(
  camera: Pick<Camera, 'lifecycle'>,
  status: CameraStatus | undefined,
  { asked, playing }: { asked: boolean; playing: boolean },
): boolean {
  if (!status || tileAddresses(status) === null) return false;
  if (camera.lifecycle.start === 'OnDemand' && !asked) return false;
  switch (status.phase) {
    case 'RUNNING':
    case 'STARTING':
      return true;
    case 'IDLE':
      return asked;
    case 'ERROR':
      return playing;
    case 'STOPPED':
    case 'STOPPING':
      return false;
  }
}

/** The small stream where there is one; null while the server does not say where the streams are. */
export function tileAddresses(status: CameraStatus | undefined): MediaAddresses | null {
  const addresses = status?.endpoints.sub ?? status?.endpoints;
  return addresses && addresses.webrtc !== '' && addresses.hls !== '' ? addresses : null;
}
