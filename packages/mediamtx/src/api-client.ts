import { createApiCalls } from './api-calls.ts';
import type { ApiCallOptions } from './api-calls.ts';
import type {
  ApiPath,
  ApiPathConfig,
  HlsMuxer,
  HlsSession,
  MediaServerInfo,
  RtspSession,
  WebRtcSession,
} from './api-responses.ts';
import {
  apiPathConfigSchema,
  apiPathSchema,
  hlsMuxerSchema,
  hlsSessionSchema,
  infoSchema,
  rtspSessionSchema,
  sessionIdSchema,
  webrtcSessionSchema,
} from './api-responses.ts';
import type { PathConfig } from './camera-path.ts';
import { MediaServerError } from './media-server-error.ts';

export type SessionKind = 'rtsp' | 'rtsps' | 'webrtc' | 'hls';

/** MediaMTX's control API. Every call has a time limit and throws {@link MediaServerError}. */
export type MediaMtxApi = {
  info(signal?: AbortSignal): Promise<MediaServerInfo>;
  listPaths(signal?: AbortSignal): Promise<ApiPath[]>;
  /** Returns undefined if the path does not exist. */
  getPath(name: string, signal?: AbortSignal): Promise<ApiPath | undefined>;
  listPathConfigs(signal?: AbortSignal): Promise<ApiPathConfig[]>;
  /** Refused if the path is already configured. */
  addPath(name: string, config: PathConfig, signal?: AbortSignal): Promise<void>;
  /** Adds or replaces a path. A changed configuration disconnects its readers; an equal one has no effect. */
  replacePath(name: string, config: PathConfig, signal?: AbortSignal): Promise<void>;
  patchPath(name: string, change: Partial<PathConfig>, signal?: AbortSignal): Promise<void>;
  /** Returns false if the path did not exist. */
  deletePath(name: string, signal?: AbortSignal): Promise<boolean>;
  listRtspSessions(signal?: AbortSignal): Promise<RtspSession[]>;
  listWebRtcSessions(signal?: AbortSignal): Promise<WebRtcSession[]>;
  listHlsSessions(signal?: AbortSignal): Promise<HlsSession[]>;
  listHlsMuxers(signal?: AbortSignal): Promise<HlsMuxer[]>;
  /** Ids of all sessions; none if MediaMTX does not serve this protocol. */
  listSessionIds(kind: SessionKind, signal?: AbortSignal): Promise<string[]>;
  /** Returns false if the session had already ended. */
  kickSession(kind: SessionKind, id: string, signal?: AbortSignal): Promise<boolean>;
};

export function createMediaMtxApi(options: ApiCallOptions): MediaMtxApi {
  const { call, callIdempotent, get, list } = createApiCalls(options);
  return {
    info: (signal) => get('/info', infoSchema, signal),
    listPaths: (signal) => list('/paths/list', apiPathSchema, signal),
    getPath: (name, signal) =>
      orIfNotFound(get(`/paths/get/${encodePath(name)}`, apiPathSchema, signal), undefined),
    listPathConfigs: (signal) => list('/config/paths/list', apiPathConfigSchema, signal),
    async addPath(name, config, signal) {
      await call({ method: 'POST', path: `/config/paths/add/${encodePath(name)}`, body: config, signal });
    },
    async replacePath(name, config, signal) {
      const path = `/config/paths/replace/${encodePath(name)}`;
      await callIdempotent({ method: 'POST', path, body: config, signal });
    },
    async patchPath(name, change, signal) {
      const path = `/config/paths/patch/${encodePath(name)}`;
      await callIdempotent({ method: 'PATCH', path, body: change, signal });
    },
    deletePath(name, signal) {
      const path = `/config/paths/delete/${encodePath(name)}`;
      const deleted = callIdempotent({ method: 'DELETE', path, signal }).then(() => true);
      return orIfNotFound(deleted, false);
    },
    listRtspSessions: (signal) => list('/rtspsessions/list', rtspSessionSchema, signal),
    listWebRtcSessions: (signal) => list('/webrtcsessions/list', webrtcSessionSchema, signal),
    listHlsSessions: (signal) => list('/hlssessions/list', hlsSessionSchema, signal),
    listHlsMuxers: (signal) => list('/hlsmuxers/list', hlsMuxerSchema, signal),
    async listSessionIds(kind, signal) {
      const sessions = await orIfNotFound(list(`/${kind}sessions/list`, sessionIdSchema, signal), []);
      return sessions.map(({ id }) => id);
    },
    kickSession(kind, id, signal) {
      const path = `/${kind}sessions/kick/${encodeURIComponent(id)}`;
      const kicked = callIdempotent({ method: 'POST', path, signal }).then(() => true);
      return orIfNotFound(kicked, false);
    },
  };
}

async function orIfNotFound<T, M>(result: Promise<T>, missing: M): Promise<T | M> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof MediaServerError && error.kind === 'not-found') return missing;
    throw error;
  }
}

function encodePath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}
