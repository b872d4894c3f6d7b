import type { Credentials, VideoMode } from '@camplane/contracts/camera';
import { probeResultSchema } from '@camplane/contracts/camera-http';
import type { ProbeResult } from '@camplane/contracts/camera-http';
import { CamplaneError } from '@camplane/contracts/problem';
import { createServiceFetch } from '@camplane/service-kit/service-fetch';
import type { ServiceFetch, ServicePasswords } from '@camplane/service-kit/service-fetch';
import { forwardedProblem } from '../http/forwarded-problem.ts';
import { boundedChunks, readBounded } from './bounded-body.ts';

const problemMaxBytes = 64 * 1024;

export type ProbeRequest = {
  url: string;
  transport: 'tcp' | 'udp';
  credentials: Credentials | null;
  mode: VideoMode;
  audio: boolean;
};

/** Requests to camera-service. Each ends at its timeout or with the caller's signal. */
export type CameraServiceClient = {
  /** The latest frame as JPEG, in chunks. @throws CamplaneError camera-service's own, or `service-unavailable` */
  snapshot(cameraId: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** @throws CamplaneError camera-service's own, or `service-unavailable` */
  probe(request: ProbeRequest, signal: AbortSignal): Promise<ProbeResult>;
};

export function createCameraServiceClient(config: {
  baseUrl: string;
  /** Address of one camera's camera-service, with `{id}`. `baseUrl` by default. */
  cameraUrl?: string;
  passwords?: ServicePasswords;
  snapshotMaxBytes: number;
  snapshotTimeoutMs: number;
  probeAnswerMaxBytes: number;
  probeTimeoutMs: number;
}): CameraServiceClient {
  const base = config.baseUrl.replace(/\/+$/, '');
  const cameraBase = config.cameraUrl?.replace(/\/+$/, '') ?? base;
  const send = createServiceFetch(config.passwords ?? []);

  const call = async (
    url: string,
    init: Parameters<ServiceFetch>[1],
    signal: AbortSignal,
  ): Promise<Response> => {
    let response: Response;
    try {
      response = await send(url, { ...init, signal });
    } catch (error) {
      throw unavailable('is unreachable', error);
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  };

  return {
    snapshot: async (cameraId, signal) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(config.snapshotTimeoutMs)]);
      const response = await call(
        `${cameraBase.replaceAll('{id}', cameraId)}/cameras/${cameraId}/snapshot`,
        {},
        limit,
      );
      if (response.headers.get('content-type')?.split(';', 1)[0] !== 'image/jpeg') {
        await response.body?.cancel();
        throw unavailable('returned a snapshot that is not a JPEG');
      }
      return streamSnapshot(response, config.snapshotMaxBytes);
    },
    probe: async (request, signal) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(config.probeTimeoutMs)]);
      const response = await call(
        `${base}/probe`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(request),
        },
        limit,
      );
      try {
        const body = await readBounded(response, config.probeAnswerMaxBytes);
        return probeResultSchema.parse(JSON.parse(body.toString('utf8')));
      } catch (error) {
        throw unavailable('returned an invalid probe result', error);
      }
    },
  };
}

/** Awaits the first chunk, so that most failures are reported before the response starts. */
async function streamSnapshot(response: Response, maxBytes: number): Promise<AsyncIterable<Uint8Array>> {
  try {
    const chunks = (await boundedChunks(response, maxBytes))[Symbol.asyncIterator]();
    const first = await chunks.next();
    return (async function* () {
      try {
        for (let next = first; next.done !== true; next = await chunks.next()) yield next.value;
      } catch (error) {
        throw unavailable('ended in the middle of a snapshot', error);
      } finally {
        await chunks.return?.();
      }
    })();
  } catch (error) {
    throw unavailable('returned an incomplete snapshot', error);
  }
}

/** The problem that camera-service returned, if its kind is known. */
async function problemOf(response: Response): Promise<CamplaneError> {
  const text = await readBounded(response, problemMaxBytes).then(String, () => '');
  const problem = forwardedProblem(text, response.headers.get('retry-after'));
  if (problem?.kind === 'unauthenticated' || problem?.kind === 'forbidden') {
    return unavailable('refused CAMERA_SERVICE_PASSWORD');
  }
  return problem ?? unavailable(`returned status ${response.status}`);
}

function unavailable(what: string, cause?: unknown): CamplaneError {
  return new CamplaneError(
    'service-unavailable',
    `camera-service ${what}`,
    cause === undefined ? {} : { cause },
  );
}
