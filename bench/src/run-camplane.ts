import { createMediaMtxApi } from '@camplane/mediamtx/api-client';
import type { MediaMtxApi } from '@camplane/mediamtx/api-client';
import { startCamplane as start } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';

const apiPassword = 'bench';

/** Camplane as `make up` starts it, quiet, with a way to look into its MediaMTX. `dispose` ends it. */
export async function startCamplane(
  environment: Record<string, string> = {},
): Promise<Camplane & { api: MediaMtxApi }> {
  const camplane = await start({
    environment: { LOG_LEVEL: 'error', MEDIAMTX_API_PASSWORD: apiPassword, ...environment },
  });
  const api = createMediaMtxApi({
    baseUrl: camplane.mediaMtxApiUrl,
    credentials: { username: 'camplane', password: apiPassword },
  });
  return { ...camplane, api };
}
