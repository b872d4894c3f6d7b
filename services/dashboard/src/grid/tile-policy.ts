import type { Camera } from '@camplane/contracts/camera-http';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { isFirstStart } from '../wording/phase.ts';
import type { MediaAddresses } from '../player/open-session.ts';

/**
 * Whether a visible tile should play. The first start is too early, because the media server has no path yet. A failing
 * camera keeps its viewer, who sees the slate until it recovers, but gets no new one. An on-demand camera plays only on
 * request, or opening the grid would start all of them.
 */
export function shouldPlayTile(
  camera: Pick<Camera, 'lifecycle'>,
  status: CameraStatus | undefined,
  { requested, playing }: { requested: boolean; playing: boolean },
): boolean {
  if (!status || tileAddresses(status) === null) return false;
  if (camera.lifecycle.start === 'OnDemand' && !requested) return false;
  switch (status.phase) {
    case 'RUNNING':
      return true;
    case 'STARTING':
      return playing || !isFirstStart(status);
    case 'IDLE':
      return requested;
    case 'ERROR':
      return playing;
    case 'STOPPED':
    case 'STOPPING':
      return false;
  }
}

/** The sub stream if the camera has one; null while the addresses are unknown. */
export function tileAddresses(status: CameraStatus | undefined): MediaAddresses | null {
  const isSubMissing = status?.conditions.some(
    ({ type, status }) => type === 'SubStreamReady' && status === 'False',
  );
  const addresses = (isSubMissing === true ? null : status?.endpoints.sub) ?? status?.endpoints;
  return addresses && addresses.webrtc !== '' && addresses.hls !== '' ? addresses : null;
}
