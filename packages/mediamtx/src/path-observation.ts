import type { MediaMtxApi } from './api-client.ts';
import type { ApiPath } from './api-responses.ts';

export type PathObservation = {
  name: string;
  /** Readers are accepted; also true while only the slate is shown. */
  available: boolean;
  /** A publisher is connected. */
  online: boolean;
  tracks: { codec: string; width?: number; height?: number; profile?: string }[];
  readers: { type: string; id: string }[];
  /** Time of the last HLS request, by MediaMTX's clock; absent without HLS readers. */
  hlsRequestedAt?: string;
  /** Since the path was created; restarts at 0 with MediaMTX. */
  inboundBytes: number;
  inboundFramesInError: number;
};

/** Converts listed paths, with the time of the last HLS request, which needs one more call while there are HLS readers. */
export async function observePaths(
  paths: readonly ApiPath[],
  api: Pick<MediaMtxApi, 'listHlsMuxers'>,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, PathObservation>> {
  const hlsRequests = await lastHlsRequests(paths, api, signal);
  return new Map(paths.map((path) => [path.name, observe(path, hlsRequests.get(path.name))]));
}

/** MediaMTX lists an HLS reader for 30 s after its last request. */
async function lastHlsRequests(
  paths: readonly ApiPath[],
  api: Pick<MediaMtxApi, 'listHlsMuxers'>,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, string>> {
  if (!paths.some((path) => path.readers.some(({ type }) => type === 'hlsSession'))) return new Map();
  // Without the times, HLS readers count as long as they are listed.
  const muxers = await api.listHlsMuxers(signal).catch(() => []);
  return new Map(muxers.map((muxer) => [muxer.path, muxer.lastRequest]));
}

function observe(path: ApiPath, hlsRequestedAt: string | undefined): PathObservation {
  return {
    name: path.name,
    available: path.available,
    online: path.online,
    tracks: path.tracks2.map(({ codec, codecProps }) => ({
      codec,
      ...(codecProps?.width === undefined ? {} : { width: codecProps.width }),
      ...(codecProps?.height === undefined ? {} : { height: codecProps.height }),
      ...(codecProps?.profile === undefined ? {} : { profile: codecProps.profile }),
    })),
    readers: path.readers,
    ...(hlsRequestedAt === undefined ? {} : { hlsRequestedAt }),
    inboundBytes: path.inboundBytes,
    inboundFramesInError: path.inboundFramesInError,
  };
}
