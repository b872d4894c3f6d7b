import { request as requestHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { StreamFailureKind } from '@camplane/contracts/camera-status';
import { sourceToUrl } from '@camplane/contracts/source-url';
import type { CameraSource } from '@camplane/contracts/source-url';

/**
 * Why FFmpeg could not open an HTTP source and reported only "Input/output error", as it does for redirects when
 * they are disabled. Null for anything else. Reads the headers of one response.
 */
export async function findHttpRefusal(
  source: Extract<CameraSource, { kind: 'http' }>,
  credentials: { username: string; password: string } | null,
  signal: AbortSignal,
): Promise<{ kind: StreamFailureKind; message: string } | null> {
  const answer = await askForHead(source, credentials, signal).catch(() => null);
  const status = answer?.statusCode ?? 0;
  if (status < 300 || status >= 400) return null;
  return {
    kind: 'Redirected',
    message: `The camera redirects to ${targetHost(answer)}, which is not followed.`,
  };
}

function askForHead(
  source: Extract<CameraSource, { kind: 'http' }>,
  credentials: { username: string; password: string } | null,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const login = credentials ? { auth: `${credentials.username}:${credentials.password}` } : {};
  const request = source.secure
    ? // FFmpeg checks no certificate of a camera either.
      requestHttps(sourceToUrl(source), { ...login, signal, rejectUnauthorized: false })
    : requestHttp(sourceToUrl(source), { ...login, signal });
  request.on('error', reject).on('response', (answer) => {
    resolve(answer);
    request.destroy();
  });
  request.end();
  return promise;
}

/** Host and port of a redirect: no path, no query, no user information. */
function targetHost(answer: IncomingMessage | null): string {
  const location = answer?.headers.location ?? '';
  return URL.canParse(location)
    ? new URL(location).host.slice(0, 260) || 'another address'
    : 'another address';
}
