import { CamplaneError } from '@camplane/contracts/problem';
import { resolveUrl } from './media-servers.ts';

/** The port of WebRTC where only the address of a control API is known: that of MediaMTX, which edges keep. */
const webrtcPort = 8889;

/**
 * Addresses of MediaMTX's WebRTC servers: the configured one, or the hosts of the control APIs. A host name stands for
 * every address that it resolves to, and a session belongs to one of them.
 */
export function webrtcServers(config: { apiUrls: readonly string[]; webrtcUrl?: string }) {
  const urls =
    config.webrtcUrl === undefined
      ? config.apiUrls.map((url) => Object.assign(new URL(url), { port: String(webrtcPort) }).origin)
      : [config.webrtcUrl.replace(/\/$/, '')];
  return {
    /** @throws CamplaneError `service-unavailable` */
    async pick(): Promise<string> {
      const resolved = await Promise.all(
        urls.map((url) => (url.startsWith('https:') ? Promise.resolve([url]) : resolveUrl(url))),
      )
        .then((all) => all.flat())
        .catch((cause: unknown) => {
          throw noServer(cause);
        });
      const picked = resolved[Math.floor(Math.random() * resolved.length)];
      if (picked === undefined) throw noServer();
      return picked;
    },
  };
}

function noServer(cause?: unknown): CamplaneError {
  return new CamplaneError('service-unavailable', 'No media server is known: set MEDIA_WEBRTC_URL', {
    cause,
    retryAfterSeconds: 2,
  });
}
