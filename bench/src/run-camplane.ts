import { createMediaMtxApi } from '@camplane/mediamtx/api-client';
import type { MediaMtxApi } from '@camplane/mediamtx/api-client';
import { startCamplane as start } from '@camplane/testkit/camplane';
import type { Camplane, CamplaneOptions } from '@camplane/testkit/camplane';

const apiPassword = 'bench';

/** Camplane as started by `make up`, with quiet logs and access to its MediaMTX. `dispose` stops it. */
export async function startCamplane(
  environment: Record<string, string> = {},
  options: Pick<CamplaneOptions, 'waitForReady' | 'main'> = {},
): Promise<Camplane & { api: MediaMtxApi }> {
  const camplane = await start({
    ...options,
    environment: { LOG_LEVEL: 'error', MEDIAMTX_API_PASSWORD: apiPassword, ...environment },
  });
  const api = createMediaMtxApi({
    baseUrl: camplane.mediaMtxApiUrl,
    credentials: { username: 'camplane', password: apiPassword },
  });
  return { ...camplane, api };
}
