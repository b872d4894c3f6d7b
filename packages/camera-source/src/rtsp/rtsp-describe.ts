import { randomBytes } from 'node:crypto';
import type { StreamFailureKind } from '@camplane/contracts/camera-status';
import { sourceToUrl } from '@camplane/contracts/source-url';
import type { CameraSource } from '@camplane/contracts/source-url';
import { connectRtsp, RtspProtocolError } from './rtsp-connection.ts';
import type { RtspAnswer, RtspConnection } from './rtsp-connection.ts';
import { authorization, parseChallenges } from './rtsp-login.ts';
import type { Credentials } from './rtsp-login.ts';
import { readDescription } from './sdp.ts';
import type { DescribedAudio, DescribedVideo } from './sdp.ts';

export type RtspDescription =
  | { ok: true; video: DescribedVideo; audio: DescribedAudio | null }
  | { ok: false; kind: StreamFailureKind; message: string };

export type DescribeRtspOptions = {
  source: Extract<CameraSource, { kind: 'rtsp' }>;
  credentials: Credentials | null;
  /** For everything: name lookup, connection, TLS, login and response. */
  timeoutMs: number;
  signal: AbortSignal;
};

/** Without a login, with a login, and again if the server's nonce was stale. */
const requestsMax = 3;

/**
 * Requests the description of an RTSP path (DESCRIBE, RFC 2326, section 10.2) without playing it. A refusal has a
 * precise reason, which FFmpeg reports only in part. Redirects are reported, not followed.
 *
 * Rejects only when the signal is aborted, with its reason.
 */
export async function describeRtsp(options: DescribeRtspOptions): Promise<RtspDescription> {
  const { source, credentials, timeoutMs } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([options.signal, deadline]);
  try {
    const { answer, login } = await describe(source, credentials, signal);
    return resultOf(answer, login);
  } catch (error) {
    options.signal.throwIfAborted();
    if (deadline.aborted) {
      return refuse('TimedOut', `The camera did not answer within ${timeoutMs / 1000} s.`);
    }
    return failureOf(error);
  }
}

/** Not tried: the server requested no login, or an unsupported scheme. */
type LoginState = 'none given' | 'not tried' | 'tried';

async function describe(
  source: DescribeRtspOptions['source'],
  credentials: Credentials | null,
  signal: AbortSignal,
): Promise<{ answer: RtspAnswer; login: LoginState }> {
  const uri = sourceToUrl(source);
  let connection: RtspConnection | undefined;
  let login: string | undefined;
  try {
    for (let sequence = 1; ; sequence += 1) {
      const request = describeRequest(uri, sequence, login);
      let answer = await connection?.ask(request).catch(() => undefined);
      if (!answer) {
        // The first request, or the one after a 401 if the camera closed the connection, as some do.
        connection?.close();
        connection = await connectRtsp({ ...source, signal });
        answer = await connection.ask(request);
      }
      if (credentials === null) return { answer, login: 'none given' };
      const state = login === undefined ? 'not tried' : 'tried';
      if (answer.status !== 401 || sequence >= requestsMax) return { answer, login: state };
      const challenges = parseChallenges(answer.headers.get('www-authenticate') ?? []);
      const isStale = challenges.some((c) => c.parameters.get('stale')?.toLowerCase() === 'true');
      if (login !== undefined && !isStale) return { answer, login: state };
      const clientNonce = randomBytes(16).toString('hex');
      login = authorization(challenges, credentials, { method: 'DESCRIBE', uri }, clientNonce);
      if (login === undefined) return { answer, login: state };
    }
  } finally {
    connection?.close();
  }
}

function describeRequest(uri: string, sequence: number, login: string | undefined): string {
  const lines = [
    `DESCRIBE ${uri} RTSP/1.0`,
    `CSeq: ${sequence}`,
    'User-Agent: Camplane',
    'Accept: application/sdp',
    ...(login === undefined ? [] : [`Authorization: ${login}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function resultOf(answer: RtspAnswer, login: LoginState): RtspDescription {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    return refuse('Redirected', `The camera redirects to ${targetHost(answer)}, which is not followed.`);
  }
  switch (status) {
    case 200: {
      const description = readDescription(answer.body);
      if (!description) return refuse('InvalidData', 'The camera did not describe its stream.');
      const { video, audio } = description;
      if (!video) return refuse('NoVideo', 'The camera offers no video at this path.');
      return { ok: true, video, audio };
    }
    case 401:
      return refuse('CredentialsRefused', refusedLogin[login]);
    case 403:
      return refuse(
        'CredentialsRefused',
        login === 'none given'
          ? 'The camera forbids this stream (403); no user and password were given.'
          : 'The camera forbids this user to see the stream (403).',
      );
    case 404:
      return refuse('NotFound', 'The camera has no stream at this path (404).');
    case 453:
      return refuse('TooManyConnections', 'The camera has too many viewers already (453).');
    default:
      return refuse('InvalidData', `The camera answered with RTSP status ${status}.`);
  }
}

const refusedLogin: Record<LoginState, string> = {
  'none given': 'The camera asks for a user and password, and none were given (401).',
  'not tried': 'The camera asks for a kind of login that is not supported (401): use Basic or Digest.',
  tried: 'The camera refused the user or password (401).',
};

/** Host and port of a redirect: no path, no query, no user information. */
function targetHost(answer: RtspAnswer): string {
  const location = answer.headers.get('location')?.[0] ?? '';
  return URL.canParse(location)
    ? new URL(location).host.slice(0, 260) || 'another address'
    : 'another address';
}

function failureOf(error: unknown): RtspDescription {
  if (error instanceof RtspProtocolError) return refuse(error.kind, error.message);
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ECONNREFUSED':
      return refuse('ConnectionRefused', 'The camera refused the connection: nothing listens at this port.');
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return refuse('HostNotFound', "The camera's host name was not found.");
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return refuse('TimedOut', 'The camera cannot be reached: no route to its address.');
    case 'ETIMEDOUT':
      return refuse('TimedOut', 'The camera did not answer.');
    case 'ECONNRESET':
    case 'EPIPE':
      return refuse('Ended', 'The camera closed the connection without an answer.');
    default:
      // TLS errors have codes such as ERR_SSL_WRONG_VERSION_NUMBER, and EPROTO.
      return code.startsWith('ERR_SSL') || code === 'EPROTO'
        ? refuse('InvalidData', 'The camera does not speak TLS at this port: use rtsp:// or another port.')
        : refuse('InvalidData', `The connection to the camera failed${code === '' ? '' : ` (${code})`}.`);
  }
}

function refuse(kind: StreamFailureKind, message: string): RtspDescription {
  return { ok: false, kind, message };
}
