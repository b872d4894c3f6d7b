import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { createMediaMtxApi } from '@camplane/mediamtx/api-client';
import type { MediaMtxApi, SessionKind } from '@camplane/mediamtx/api-client';

/** Every MediaMTX that viewers read from: one, or the pods of an edge. */
export type MediaServers = {
  /**
   * Ends a session, whichever server has it. False: no server has it.
   *
   * @throws MediaServerError if a server did not respond and no other had the session
   */
  kick(protocol: string, id: string): Promise<boolean>;
  /** Ids of all sessions. @throws MediaServerError if a server did not respond */
  list(): Promise<ReadonlySet<string>>;
};

const serversMax = 100;

const kindsOf: Readonly<Record<string, readonly SessionKind[]>> = {
  rtsp: ['rtsp', 'rtsps'],
  webrtc: ['webrtc'],
  hls: ['hls'],
};
const kinds = Object.values(kindsOf).flat();

/**
 * @param options.urls of the control APIs. A host name stands for every address that it resolves to
 * @param options.password of the user `camplane`; null: the API needs none
 */
export function createMediaServers(options: {
  urls: readonly string[];
  password: string | null;
}): MediaServers {
  const apis = new Map<string, MediaMtxApi>();
  const { password } = options;

  function apiOf(baseUrl: string): MediaMtxApi {
    const known = apis.get(baseUrl);
    if (known) return known;
    const credentials = password === null ? {} : { credentials: { username: 'camplane', password } };
    const api = createMediaMtxApi({ baseUrl, requestTimeoutMs: 1000, ...credentials });
    // Addresses of pods change for ever.
    if (apis.size >= serversMax) apis.clear();
    apis.set(baseUrl, api);
    return api;
  }

  async function current(): Promise<MediaMtxApi[]> {
    const urls = (await Promise.all(options.urls.map(resolveUrl))).flat();
    return urls.slice(0, serversMax).map(apiOf);
  }

  return {
    async kick(protocol, id) {
      const servers = await current();
      const results = await Promise.allSettled(
        servers.flatMap((api) => (kindsOf[protocol] ?? []).map((kind) => api.kickSession(kind, id))),
      );
      if (results.some((result) => result.status === 'fulfilled' && result.value)) return true;
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
      return false;
    },
    async list() {
      const servers = await current();
      const lists = await Promise.all(
        servers.flatMap((api) => kinds.map((kind) => api.listSessionIds(kind))),
      );
      return new Set(lists.flat());
    },
  };
}

/** The URL with each address that its host name resolves to. */
export async function resolveUrl(text: string): Promise<string[]> {
  const url = new URL(text);
  if (isIP(url.hostname) !== 0 || url.hostname.startsWith('[') || url.hostname === 'localhost') return [text];
  const addresses = await lookup(url.hostname, { all: true });
  return addresses.map(({ address, family }) => {
    url.hostname = family === 6 ? `[${address}]` : address;
    return url.href.replace(/\/$/, '');
  });
}
