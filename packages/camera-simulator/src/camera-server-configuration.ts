import type { CameraCredentials } from './camera-login.ts';
import { isPlainLogin } from './camera-login.ts';

export type CameraServerSettings = {
  /** Listen address. */
  host: string;
  rtspPort: number;
  /** For cameras read over UDP: RTP and RTCP. */
  udpPorts: readonly [number, number];
  path: string;
  credentials: CameraCredentials | null;
  /** URL of the hook for a login that MediaMTX cannot store (see `startCameraLogin`). */
  loginUrl: string;
};

/** Configuration of the MediaMTX that simulates a camera: RTSP only, with a login. */
export function cameraServerConfiguration(settings: CameraServerSettings): string {
  const { host, rtspPort, udpPorts, path } = settings;
  const off = { api: false, metrics: false, pprof: false, playback: false };
  const otherProtocols = { rtmp: false, hls: false, webrtc: false, srt: false, moq: false };
  const configuration = {
    logLevel: 'info',
    logDestinations: ['stdout'],
    logStructured: true,
    ...off,
    ...otherProtocols,
    rtsp: true,
    rtspTransports: ['tcp', 'udp'],
    rtspEncryption: 'no',
    rtspAddress: `${host}:${rtspPort}`,
    rtpAddress: `${host}:${udpPorts[0]}`,
    rtcpAddress: `${host}:${udpPorts[1]}`,
    // A frozen publisher stays connected, as a frozen camera keeps its session.
    readTimeout: '1h',
    ...login(settings),
    paths: { [path]: { source: 'publisher', overridePublisher: true } },
  };
  return `${JSON.stringify(configuration, null, 2)}\n`;
}

function login({ path, credentials, loginUrl }: CameraServerSettings): Record<string, unknown> {
  if (credentials !== null && !isPlainLogin(credentials)) {
    return { authMethod: 'http', authHTTPAddress: loginUrl, rtspAuthMethods: ['basic'] };
  }
  const read = { permissions: [{ action: 'read', path }] };
  return {
    authMethod: 'internal',
    // Cameras offer both, and most clients choose digest.
    rtspAuthMethods: ['basic', 'digest'],
    authInternalUsers: [
      { user: 'any', ips: ['127.0.0.1/32'], permissions: [{ action: 'publish', path }] },
      credentials === null
        ? { user: 'any', ...read }
        : { user: credentials.username, pass: credentials.password, ...read },
    ],
  };
}
