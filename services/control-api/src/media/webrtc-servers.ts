import { CamplaneError } from '@camplane/contracts/problem';
import { resolveUrl } from './media-servers.ts';
import { trustCertificateIn } from './server-certificate.ts';
import { requestWhep } from './whep-client.ts';
import type { WhepRequest, WhepResponse } from './whep-client.ts';

/** The port of WebRTC where only the address of a control API is known: that of MediaMTX, which edges keep. */
const webrtcPort = 8889;

export type WebrtcServers = {
  /** One of the addresses. @throws CamplaneError `service-unavailable` */
  pick(): Promise<string>;
  /** @throws CamplaneError `service-unavailable` if there is no answer */
  request(url: string, request: WhepRequest): Promise<WhepResponse>;
};

/**
 * MediaMTX's WebRTC servers: the configured one, or the hosts of the control APIs. A host name stands for every address
 * that it resolves to, and a session belongs to one of them. Over HTTPS without `certFile` a host name is not resolved,
 * because the certificate is checked against it.
 */
export function webrtcServers(config: {
  apiUrls: readonly string[];
  webrtcUrl?: string;
  certFile?: string;
}): WebrtcServers {
  const urls =
    config.webrtcUrl === undefined
      ? config.apiUrls.map((url) => Object.assign(new URL(url), { port: String(webrtcPort) }).origin)
      : [config.webrtcUrl.replace(/\/$/, '')];
  const trust = config.certFile === undefined ? undefined : trustCertificateIn(config.certFile);
  const isKept = (url: string): boolean => trust === undefined && url.startsWith('https:');
  return {
    async pick() {
      const resolved = await Promise.all(
        urls.map((url) => (isKept(url) ? Promise.resolve([url]) : resolveUrl(url))),
      )
        .then((all) => all.flat())
        .catch((cause: unknown) => {
          throw noServer(cause);
        });
      const picked = resolved[Math.floor(Math.random() * resolved.length)];
      if (picked === undefined) throw noServer();
      return picked;
    },
    async request(url, request) {
      return requestWhep(url, request, url.startsWith('https:') ? trust?.() : undefined);
    },
  };
}

function noServer(cause?: unknown): CamplaneError {
  return new CamplaneError('service-unavailable', 'No media server is known: set MEDIA_WEBRTC_URL', {
    cause,
    retryAfterSeconds: 2,
  });
}
