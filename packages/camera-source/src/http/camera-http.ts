import { once } from 'node:events';
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { CameraSource } from '@camplane/contracts/source-url';
import type { CameraResolver } from '../network/camera-resolver.ts';
import { laxTlsFor, socketHost } from '../lax-tls.ts';
import { createLogin } from '../rtsp/rtsp-login.ts';
import type { Credentials } from '../rtsp/rtsp-login.ts';

export type HttpCameraSource = Extract<CameraSource, { kind: 'http' }>;

/** Not tried: the camera asked for no login, or for a kind that is not supported. */
export type HttpLoginState = 'none given' | 'not tried' | 'tried';

export type HttpAnswer = { response: IncomingMessage; login: HttpLoginState };

/** Requests to one address of a camera, over one connection that is kept for the next request. */
export type CameraHttp = {
  /** The response to a GET, once its headers have arrived; logs in if the camera asks for it. Follows no redirect. */
  get(headers: Record<string, string>, signal: AbortSignal): Promise<HttpAnswer>;
  close(): void;
};

/** Without a login, with a login, and again if the nonce was stale. */
const requestsMax = 3;
/** What is read of a refusal, so that the connection can be used again. */
const refusalMaxBytes = 64 * 1024;
const refusalMaxMs = 1000;

export function createCameraHttp({
  source,
  credentials,
  resolver,
}: {
  source: HttpCameraSource;
  credentials: Credentials | null;
  /** Of this attempt: it checks and pins the address. */
  resolver: CameraResolver;
}): CameraHttp {
  const host = socketHost(source.host);
  const shared = { keepAlive: true, maxSockets: 1 };
  const agent = source.secure ? new HttpsAgent({ ...shared, ...laxTlsFor(host) }) : new HttpAgent(shared);
  const login = credentials === null ? null : createLogin(credentials);

  async function send(
    headers: Record<string, string>,
    authorization: string | undefined,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { lookup } = await resolver.resolve(host, source.port, signal);
    const request = (source.secure ? requestHttps : requestHttp)({
      ...{ agent, host, port: source.port, path: source.path, lookup, signal },
      // Cameras end lines with LF alone, and repeat or misspell headers.
      insecureHTTPParser: true,
      headers: {
        'User-Agent': 'Camplane',
        Accept: '*/*',
        ...headers,
        ...(authorization === undefined ? {} : { Authorization: authorization }),
      },
    });
    request.end();
    try {
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      // Errors surface in the reader of the body.
      response.on('error', () => undefined);
      return response;
    } catch (error) {
      // The camera has closed the kept connection in the meantime.
      if (request.reusedSocket && !signal.aborted) return send(headers, authorization, signal);
      throw error;
    } finally {
      request.on('error', () => undefined);
    }
  }

  return {
    async get(headers, signal) {
      for (let count = 1; ; count += 1) {
        const authorization = login?.header('GET', source.path);
        const response = await send(headers, authorization, signal);
        const status = response.statusCode ?? 0;
        const state = login === null ? 'none given' : authorization === undefined ? 'not tried' : 'tried';
        const again =
          login?.learn({ status, headers: headersOf(response), body: '', irregularity: null }) === true;
        if (status !== 401 || !again || count >= requestsMax) return { response, login: state };
        await drain(response);
      }
    },
    close: () => agent.destroy(),
  };
}

function headersOf(response: IncomingMessage): ReadonlyMap<string, readonly string[]> {
  const values = Object.entries(response.headersDistinct);
  return new Map(values.map(([name, value]) => [name, value ?? []]));
}

/** Reads a response that is not needed; its connection is closed if it is long. */
export async function drain(response: IncomingMessage): Promise<void> {
  let bytes = 0;
  const timer = setTimeout(() => response.destroy(), refusalMaxMs);
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > refusalMaxBytes) response.destroy();
  });
  if (!response.closed) await once(response, 'close').catch(() => undefined);
  clearTimeout(timer);
}
