import type { z } from 'zod';
import type {
  ApiPath,
  ApiPathConfig,
  HlsMuxer,
  HlsSession,
  MediaServerInfo,
  RtspSession,
  WebRtcSession,
} from './api-answers.ts';
import {
  apiPathConfigSchema,
  apiPathSchema,
  errorAnswerSchema,
  hlsMuxerSchema,
  hlsSessionSchema,
  infoSchema,
  pageSchema,
  rtspSessionSchema,
  webrtcSessionSchema,
} from './api-answers.ts';
import type { PathConfig } from './camera-path.ts';
import { MediaServerError } from './media-server-error.ts';

export type SessionKind = 'rtsp' | 'webrtc' | 'hls';

/** MediaMTX's control API. Every call ends within the client's time limit and throws {@link MediaServerError}. */
export type MediaMtxApi = {
  info(signal?: AbortSignal): Promise<MediaServerInfo>;
  listPaths(signal?: AbortSignal): Promise<ApiPath[]>;
  /** undefined: there is no such path. */
  getPath(name: string, signal?: AbortSignal): Promise<ApiPath | undefined>;
  listPathConfigs(signal?: AbortSignal): Promise<ApiPathConfig[]>;
  /** Refused when the path is configured already. */
  addPath(name: string, config: PathConfig, signal?: AbortSignal): Promise<void>;
  /** Adds or replaces. An equal configuration changes nothing; another one cuts the path's readers. */
  replacePath(name: string, config: PathConfig, signal?: AbortSignal): Promise<void>;
  patchPath(name: string, change: Partial<PathConfig>, signal?: AbortSignal): Promise<void>;
  /** False: it was not there. */
  deletePath(name: string, signal?: AbortSignal): Promise<boolean>;
  listRtspSessions(signal?: AbortSignal): Promise<RtspSession[]>;
  listWebRtcSessions(signal?: AbortSignal): Promise<WebRtcSession[]>;
  listHlsSessions(signal?: AbortSignal): Promise<HlsSession[]>;
  listHlsMuxers(signal?: AbortSignal): Promise<HlsMuxer[]>;
  /** False: it had gone already. */
  kickSession(kind: SessionKind, id: string, signal?: AbortSignal): Promise<boolean>;
};

export type MediaMtxApiOptions = {
  /** As `http://127.0.0.1:9997`. */
  baseUrl: string;
  /** Sent as basic authentication where the API is behind the auth hook. */
  credentials?: { username: string; password: string };
  requestTimeoutMs?: number;
  fetch?: typeof fetch;
};

const itemsPerPage = 500;
const pagesMax = 100;

export function createMediaMtxApi(options: MediaMtxApiOptions): MediaMtxApi {
  const { baseUrl, credentials, requestTimeoutMs = 2000 } = options;
  const send = options.fetch ?? fetch;
  const authorization =
    credentials === undefined
      ? undefined
      : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;

  type Call = { method: string; path: string; body?: unknown; signal: AbortSignal | undefined };

  async function attempt(call: Call): Promise<unknown> {
    const limit = AbortSignal.timeout(requestTimeoutMs);
    const what = `${call.method} ${call.path.split('?', 1)[0] ?? ''}`;
    let response: Response;
    let text: string;
    try {
      response = await send(`${baseUrl}/v3${call.path}`, {
        method: call.method,
        redirect: 'error',
        signal: call.signal === undefined ? limit : AbortSignal.any([call.signal, limit]),
        headers: {
          ...(authorization === undefined ? {} : { authorization }),
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      });
      text = await response.text();
    } catch (cause) {
      call.signal?.throwIfAborted();
      throw limit.aborted
        ? new MediaServerError('timed-out', `MediaMTX did not answer ${what} within ${requestTimeoutMs} ms`, {
            cause,
          })
        : new MediaServerError('unreachable', `MediaMTX cannot be reached at ${baseUrl} (${what})`, {
            cause,
          });
    }
    const body = parseJson(text);
    if (response.ok) return body;
    const told = errorAnswerSchema.safeParse(body);
    const reason = told.success ? told.data.error : `HTTP status ${response.status}`;
    throw new MediaServerError(
      response.status === 404 ? 'not-found' : response.status >= 500 ? 'unexpected-answer' : 'refused',
      `MediaMTX refused ${what}: ${reason}`,
    );
  }

  /** For calls that may be made twice: a kept-alive connection can break just as it is used again. */
  async function attemptTwice(call: Call): Promise<unknown> {
    try {
      return await attempt(call);
    } catch (error) {
      if (!(error instanceof MediaServerError) || error.kind !== 'unreachable') throw error;
      return attempt(call);
    }
  }

  async function get<T extends z.ZodType>(
    path: string,
    schema: T,
    signal?: AbortSignal,
  ): Promise<z.output<T>> {
    const parsed = schema.safeParse(await attemptTwice({ method: 'GET', path, signal }));
    if (parsed.success) return parsed.data;
    throw new MediaServerError('unexpected-answer', `MediaMTX answered GET ${path} in an unknown form`, {
      cause: parsed.error,
    });
  }

  async function list<T extends z.ZodType>(
    path: string,
    item: T,
    signal?: AbortSignal,
  ): Promise<z.output<T>[]> {
    const items: z.output<T>[] = [];
    for (let page = 0; page < pagesMax; page += 1) {
      const answer = await get(`${path}?itemsPerPage=${itemsPerPage}&page=${page}`, pageSchema(item), signal);
      items.push(...answer.items);
      if (page + 1 >= answer.pageCount) return items;
    }
    throw new MediaServerError(
      'unexpected-answer',
      `MediaMTX lists more than ${itemsPerPage * pagesMax} items`,
    );
  }

  async function unlessMissing(call: Promise<unknown>): Promise<boolean> {
    try {
      await call;
      return true;
    } catch (error) {
      if (error instanceof MediaServerError && error.kind === 'not-found') return false;
      throw error;
    }
  }

  return {
    info: (signal) => get('/info', infoSchema, signal),
    listPaths: (signal) => list('/paths/list', apiPathSchema, signal),
    async getPath(name, signal) {
      try {
        return await get(`/paths/get/${encodePath(name)}`, apiPathSchema, signal);
      } catch (error) {
        if (error instanceof MediaServerError && error.kind === 'not-found') return undefined;
        throw error;
      }
    },
    listPathConfigs: (signal) => list('/config/paths/list', apiPathConfigSchema, signal),
    async addPath(name, config, signal) {
      await attempt({ method: 'POST', path: `/config/paths/add/${encodePath(name)}`, body: config, signal });
    },
    async replacePath(name, config, signal) {
      await attemptTwice({
        method: 'POST',
        path: `/config/paths/replace/${encodePath(name)}`,
        body: config,
        signal,
      });
    },
    async patchPath(name, change, signal) {
      await attemptTwice({
        method: 'PATCH',
        path: `/config/paths/patch/${encodePath(name)}`,
        body: change,
        signal,
      });
    },
    deletePath: (name, signal) =>
      unlessMissing(
        attemptTwice({ method: 'DELETE', path: `/config/paths/delete/${encodePath(name)}`, signal }),
      ),
    listRtspSessions: (signal) => list('/rtspsessions/list', rtspSessionSchema, signal),
    listWebRtcSessions: (signal) => list('/webrtcsessions/list', webrtcSessionSchema, signal),
    listHlsSessions: (signal) => list('/hlssessions/list', hlsSessionSchema, signal),
    listHlsMuxers: (signal) => list('/hlsmuxers/list', hlsMuxerSchema, signal),
    kickSession: (kind, id, signal) =>
      unlessMissing(
        attemptTwice({ method: 'POST', path: `/${kind}sessions/kick/${encodeURIComponent(id)}`, signal }),
      ),
  };
}

function encodePath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
