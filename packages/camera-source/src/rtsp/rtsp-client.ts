import { RunFailure } from '@camplane/supervisor/run-failure';
import type { CameraResolver } from '../network/camera-resolver.ts';
import { codeOf } from '../refusals.ts';
import { connectRtsp } from './rtsp-connection.ts';
import type { RtspConnection } from './rtsp-connection.ts';
import { connectionFailureOf } from './rtsp-failure.ts';
import type { LoginState, RequestName } from './rtsp-failure.ts';
import { createLogin } from './rtsp-login.ts';
import type { Credentials, LoginKind } from './rtsp-login.ts';
import { RtspProtocolError } from './rtsp-message.ts';
import type { RtspAnswer } from './rtsp-message.ts';

export type RtspClient = {
  readonly loginKind: LoginKind;
  /** The last 401; null if the camera asked for no login. */
  readonly challenge: RtspAnswer | null;
  /** Whether the camera closed the connection and needed another before it answered a request. */
  readonly hasReconnected: boolean;
  /** The open connection; throws before the first request. */
  connection(): RtspConnection;
  /**
   * Sends a request, with a login if the camera asks for one. Throws RunFailure without an answer, or the reason of the
   * signal.
   */
  request(
    method: RequestName | 'OPTIONS' | 'GET_PARAMETER' | 'TEARDOWN',
    uri: string,
    headers?: Readonly<Record<string, string | undefined>>,
    /** Default: the signal of the client. */
    signal?: AbortSignal,
  ): Promise<{ answer: RtspAnswer; login: LoginState }>;
  /** Whether a closed connection is an error, since it has a session; by default it is opened again. */
  holdConnection(isHeld: boolean): void;
  close(): void;
};

/** Without a login, with a login, and again if the server's nonce was stale. */
const requestsMax = 3;

export function createRtspClient(options: {
  host: string;
  port: number;
  secure: boolean;
  resolver: CameraResolver;
  credentials: Credentials | null;
  /** For each request, and for the connection. */
  answerTimeoutMs: number;
  signal: AbortSignal;
}): RtspClient {
  const { credentials, answerTimeoutMs } = options;
  const login = credentials ? createLogin(credentials) : undefined;
  let connection: RtspConnection | undefined;
  let wasAnswered = false;
  let isHeld = false;
  let hasReconnected = false;
  let isAccepted = false;
  let challenge: RtspAnswer | null = null;

  async function request(
    method: string,
    uri: string,
    headers: Readonly<Record<string, string | undefined>> = {},
    outer = options.signal,
  ): Promise<{ answer: RtspAnswer; login: LoginState }> {
    const deadline = AbortSignal.timeout(answerTimeoutMs);
    const signal = AbortSignal.any([outer, deadline]);
    try {
      return await requestWithLogin(method, uri, headers, signal);
    } catch (error) {
      outer.throwIfAborted();
      if (deadline.aborted) {
        const what = connection ? `answer ${method}` : 'accept the connection';
        throw new RunFailure('TimedOut', `The camera did not ${what} within ${answerTimeoutMs / 1000} s.`);
      }
      if (isClosing(error)) {
        const message = `The camera closed the connection without an answer to ${method}.`;
        throw new RunFailure('Ended', message, { cause: error });
      }
      throw connectionFailureOf(error);
    }
  }

  async function requestWithLogin(
    method: string,
    uri: string,
    headers: Readonly<Record<string, string | undefined>>,
    signal: AbortSignal,
  ): Promise<{ answer: RtspAnswer; login: LoginState }> {
    for (let attempt = 1; ; attempt += 1) {
      const authorization = login?.header(method, uri);
      const answer = await ask(
        { method, uri, headers: { ...headers, Authorization: authorization } },
        signal,
      );
      const state = stateOf(authorization);
      if (answer.status === 401) challenge = answer;
      const isWorthRepeating = login?.learn(answer) === true;
      if (answer.status === 200 && authorization !== undefined) isAccepted = true;
      if (answer.status !== 401 || !isWorthRepeating || attempt >= requestsMax)
        return { answer, login: state };
    }
  }

  function stateOf(authorization: string | undefined): LoginState {
    if (credentials === null) return 'none given';
    if (isAccepted) return 'accepted';
    return authorization === undefined ? 'not tried' : 'tried';
  }

  async function ask(
    message: Parameters<RtspConnection['ask']>[0],
    signal: AbortSignal,
  ): Promise<RtspAnswer> {
    const isReused = connection !== undefined && wasAnswered;
    try {
      return await askOnce(message, signal);
    } catch (error) {
      // Some cameras close the connection with their 401.
      if (!isReused || isHeld || signal.aborted || !isClosing(error)) throw error;
      hasReconnected = true;
      login?.changeConnection();
      connection = undefined;
      return await askOnce(message, signal);
    }
  }

  async function askOnce(
    message: Parameters<RtspConnection['ask']>[0],
    signal: AbortSignal,
  ): Promise<RtspAnswer> {
    connection ??= await connectRtsp({ ...options, signal });
    const answer = await connection.ask(message, signal);
    wasAnswered = true;
    return answer;
  }

  return {
    get loginKind() {
      return login?.kind ?? null;
    },
    get challenge() {
      return challenge;
    },
    get hasReconnected() {
      return hasReconnected;
    },
    connection: () => {
      if (!connection) throw new Error('there is no connection before the first request');
      return connection;
    },
    request,
    holdConnection: (next) => {
      isHeld = next;
    },
    close: () => connection?.close(),
  };
}

function isClosing(error: unknown): boolean {
  if (error instanceof RtspProtocolError) return error.kind === 'Ended';
  const code = codeOf(error);
  return code === 'ECONNRESET' || code === 'EPIPE';
}
