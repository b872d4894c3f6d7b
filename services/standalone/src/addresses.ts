import { randomBytes } from 'node:crypto';
import type { ViewerAddresses } from '@camplane/mediamtx/viewer-addresses';
import type { StandaloneEnvironment } from './environment.ts';

/** How the services of this process, and their viewers, reach each other. */
export type Addresses = {
  /** With which each of them calls camera-service. */
  cameraServicePasswords: { controlApi: string; streamProxy: string };
  mediaMtx: {
    apiUrl: string;
    apiCredentials: { username: string; password: string };
    rtspUrl: string;
    webrtcUrl: string;
  };
  viewers: ViewerAddresses;
  /** Origins of MediaMTX as a browser on any host sees them. */
  mediaOrigins: string[];
  /** Origins of the dashboard's page, given the API's port. */
  pageOrigins(port: number): string[];
};

export function addressesFrom(env: StandaloneEnvironment): Addresses {
  const host = env.CAMPLANE_PUBLIC_HOST;
  const names = namesOf(host);
  const scheme = env.TLS_CERT_FILE === undefined ? 'http' : 'https';
  return {
    cameraServicePasswords: { controlApi: randomPassword(), streamProxy: randomPassword() },
    mediaMtx: {
      apiUrl: `http://127.0.0.1:${env.MEDIAMTX_API_PORT}`,
      apiCredentials: {
        username: 'camplane',
        password: env.MEDIAMTX_API_PASSWORD ?? randomPassword(),
      },
      rtspUrl: `rtsp://127.0.0.1:${env.RTSP_PORT}`,
      webrtcUrl: `${scheme}://127.0.0.1:${env.WEBRTC_PORT}`,
    },
    viewers: {
      rtsp: `rtsp://${host}:${env.RTSP_PORT}`,
      hls: `${scheme}://${host}:${env.HLS_PORT}`,
      webrtc: `${scheme}://${host}:${env.WEBRTC_PORT}`,
    },
    mediaOrigins: names.flatMap((name) =>
      [env.HLS_PORT, env.WEBRTC_PORT].map((port) => `${scheme}://${name}:${port}`),
    ),
    pageOrigins: (port) => [
      ...names.map((name) => `${scheme}://${name}:${port}`),
      ...(env.CAMPLANE_ALLOWED_ORIGINS ?? []),
    ],
  };
}

function randomPassword(): string {
  return randomBytes(24).toString('base64url');
}

/** The host under each name that a page on this machine may use for it. */
function namesOf(host: string): string[] {
  return [...new Set([host, '127.0.0.1', 'localhost'])];
}
