import { isLoopback } from '@camplane/runtime/loopback';
import type { StandaloneEnvironment } from './environment.ts';

/** The addresses beyond loopback at which credentials and video cross the network unencrypted, and what to do. Null: none. */
export function plainTextListeners(
  env: Pick<StandaloneEnvironment, 'HTTP_HOST' | 'MEDIA_HOST' | 'RTSP_PORT' | 'TLS_CERT_FILE'>,
): { listeners: string[]; message: string } | null {
  if (env.TLS_CERT_FILE !== undefined) {
    // Only plain RTSP is left.
    if (isLoopback(env.MEDIA_HOST)) return null;
    return {
      listeners: [`RTSP_PORT=${env.RTSP_PORT}`],
      message:
        'RTSP beyond loopback without TLS: tokens and video can be read on the network; use rtsps at RTSPS_PORT, and ' +
        'close RTSP_PORT in the firewall',
    };
  }
  const open = (['HTTP_HOST', 'MEDIA_HOST'] as const).filter((variable) => !isLoopback(env[variable]));
  if (open.length === 0) return null;
  return {
    listeners: open.map((variable) => `${variable}=${env[variable]}`),
    message:
      'listening beyond loopback without TLS: passwords, tokens and video can be read on the network; ' +
      'set TLS_CERT_FILE and TLS_KEY_FILE, or terminate TLS in front',
  };
}
