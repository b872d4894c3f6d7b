import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createMediaMtxApi } from '@camplane/mediamtx/api-client';
import { mediaServerConfiguration } from '@camplane/mediamtx/configuration';
import type { MediaServerSettings } from '@camplane/mediamtx/configuration';
import { findMediaMtx } from '@camplane/mediamtx/find-mediamtx';
import { onAbort } from '@camplane/runtime/abort';
import { isLoopback } from '@camplane/runtime/loopback';
import type { ServiceTools } from '@camplane/service-kit/run-service';
import type { Addresses } from './addresses.ts';
import type { StandaloneEnvironment } from './environment.ts';
import { superviseMediaServer } from './supervise-media-server.ts';

/** @throws an error with the remedy where MediaMTX is not installed */
export function findMediaServer(env: StandaloneEnvironment): Promise<string> {
  return findMediaMtx({
    configured: env.MEDIAMTX_BIN,
    searchPath: env.PATH,
    startFolder: process.cwd(),
  });
}

/** Starts MediaMTX as a supervised child. Resolves when it is ready. */
export async function startMediaServer(
  env: StandaloneEnvironment,
  options: {
    binary: string;
    addresses: Addresses;
    /** camera-service's auth hook; it must be listening already. */
    authUrl: string;
    /** Port of the dashboard's page, which plays from MediaMTX. */
    pagePort: number;
    onReady(): void;
  },
  { log, onStop, signal }: ServiceTools,
): Promise<void> {
  const { addresses } = options;
  const configurationFile = join(env.DATA_DIR, 'mediamtx.json');
  const publicHost = env.CAMPLANE_PUBLIC_HOST;
  await writeFile(
    configurationFile,
    mediaServerConfiguration({
      host: env.MEDIA_HOST,
      ports: {
        rtsp: env.RTSP_PORT,
        hls: env.HLS_PORT,
        webrtc: env.WEBRTC_PORT,
        webrtcUdp: env.WEBRTC_MEDIA_PORT,
        api: env.MEDIAMTX_API_PORT,
        metrics: null,
      },
      authUrl: options.authUrl,
      controlAccess: 'hook',
      logLevel: 'info',
      allowOrigins: addresses.pageOrigins(options.pagePort),
      ...tlsOf(env),
      // In a container the host publishes the ports on its loopback, and the container's own addresses are unreachable.
      additionalHosts: isLoopback(publicHost) && env.MEDIA_HOST === '127.0.0.1' ? [] : [publicHost],
    }),
    { mode: 0o600 },
  );
  const mediaServer = superviseMediaServer({
    binary: options.binary,
    configurationFile,
    portUses: {
      [env.RTSP_PORT]: { use: 'RTSP', variable: 'RTSP_PORT' },
      ...(env.TLS_CERT_FILE === undefined
        ? {}
        : { [env.RTSPS_PORT]: { use: 'RTSPS', variable: 'RTSPS_PORT' } }),
      [env.HLS_PORT]: { use: 'HLS', variable: 'HLS_PORT' },
      [env.WEBRTC_PORT]: { use: 'WebRTC', variable: 'WEBRTC_PORT' },
      [env.WEBRTC_MEDIA_PORT]: { use: 'WebRTC media', variable: 'WEBRTC_MEDIA_PORT' },
      [env.MEDIAMTX_API_PORT]: { use: 'control API', variable: 'MEDIAMTX_API_PORT' },
    },
    api: createMediaMtxApi({
      baseUrl: addresses.mediaMtx.apiUrl,
      credentials: addresses.mediaMtx.apiCredentials,
    }),
    rtspPort: env.RTSP_PORT,
    log,
    onReady: options.onReady,
  });
  onStop('MediaMTX', () => mediaServer.stop());
  const removeListener = onAbort(signal, () => void mediaServer.stop());
  await mediaServer.started.finally(removeListener);
}

/** control-api has checked both files. */
function tlsOf(
  env: Pick<StandaloneEnvironment, 'TLS_CERT_FILE' | 'TLS_KEY_FILE' | 'RTSPS_PORT'>,
): Pick<MediaServerSettings, 'tls'> {
  if (env.TLS_CERT_FILE === undefined || env.TLS_KEY_FILE === undefined) return {};
  const [certFile, keyFile] = [resolve(env.TLS_CERT_FILE), resolve(env.TLS_KEY_FILE)];
  return { tls: { certFile, keyFile, rtspsPort: env.RTSPS_PORT } };
}
