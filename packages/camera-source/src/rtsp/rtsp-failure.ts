import type { StreamFailureKind } from '@camplane/contracts/camera-status';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { codeOf, isTlsCode, redirectText, refusedLoginTexts } from '../refusals.ts';
import { RtspProtocolError } from './rtsp-message.ts';
import type { RtspAnswer } from './rtsp-message.ts';

/** Not tried: the camera requested no login, or an unsupported scheme. Accepted: by an earlier request. */
export type LoginState = 'none given' | 'not tried' | 'tried' | 'accepted';

/** The request that failed, for a message. */
export type RequestName = 'DESCRIBE' | 'SETUP' | 'PLAY';

/** Why a request was refused, and what to change. */
export function refusalOf(request: RequestName, answer: RtspAnswer, login: LoginState): RunFailure {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    return new RunFailure('Redirected', redirectText(answer.headers.get('location')?.[0] ?? ''));
  }
  if (status === 401) return refusedLogin(request, login);
  const [kind, message] = reasonFor(request, status, login);
  return new RunFailure(kind, message);
}

function refusedLogin(request: RequestName, login: LoginState): RunFailure {
  if (login === 'accepted') {
    // Not a wrong password, so the kind is not latched.
    return new RunFailure(
      request === 'PLAY' ? 'PlayRefused' : 'TrackRefused',
      `The camera accepted the login and then refused it for ${request} (401). Allow this user to view live video.`,
    );
  }
  return new RunFailure('CredentialsRefused', refusedLoginTexts[login]);
}

function reasonFor(
  request: RequestName,
  status: number,
  login: LoginState,
): [kind: StreamFailureKind, message: string] {
  const named = `(${request} ${status})`;
  switch (status) {
    case 403:
      return [
        'CredentialsRefused',
        login === 'none given'
          ? `The camera forbids this stream ${named}; no user and password were given.`
          : `The camera forbids this user to see the stream ${named}. Allow it in the camera's user settings.`,
      ];
    case 453:
      return [
        'TooManyConnections',
        `The camera has too many viewers already ${named}. End another viewer, or raise the camera's limit.`,
      ];
    case 461:
      return ['TransportRefused', `The camera refused TCP ${named}. Choose transport udp.`];
    case 503:
      return [
        'TooManyConnections',
        `The camera is busy or starting ${named}. End another viewer, or restart the camera if this lasts.`,
      ];
  }
  if (request === 'DESCRIBE') return reasonForDescribe(status, named);
  if (request === 'PLAY') {
    return [
      'PlayRefused',
      `The camera set up its video and refused to play it ${named}. ${remedyFor(status)}`,
    ];
  }
  return status === 404
    ? [
        'TrackRefused',
        `The camera describes a video track that it then does not find ${named}. Check the stream's settings in the camera.`,
      ]
    : ['TrackRefused', `The camera refused to set up its video ${named}. ${remedyFor(status)}`];
}

function reasonForDescribe(status: number, named: string): [kind: StreamFailureKind, message: string] {
  if (status === 404 || status === 410) {
    return ['NotFound', `The camera has no stream at this path ${named}. Check the path of the address.`];
  }
  if (status === 400 || status === 451) {
    return [
      'InvalidData',
      `The camera does not understand the address ${named}. Check the path of the address.`,
    ];
  }
  return ['InvalidData', `The camera returned an error ${named}. ${remedyFor(status)}`];
}

function remedyFor(status: number): string {
  return status >= 500
    ? 'Restart the camera if this lasts.'
    : 'Try the other transport, or another stream of the camera.';
}

/** Why a connection failed, or ended before the answer to a request. */
export function connectionFailureOf(error: unknown): RunFailure {
  if (error instanceof RunFailure) return error;
  if (error instanceof RtspProtocolError) return new RunFailure(error.kind, error.message, { cause: error });
  const [kind, message] = reasonForCode(codeOf(error));
  return new RunFailure(kind, message, { cause: error });
}

function reasonForCode(code: string): [kind: StreamFailureKind, message: string] {
  switch (code) {
    case 'ECONNREFUSED':
      return ['ConnectionRefused', 'The camera refused the connection: nothing listens at this port.'];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return ['HostNotFound', "The camera's host name was not found."];
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return ['TimedOut', 'The camera cannot be reached: no route to its address.'];
    case 'ETIMEDOUT':
      return ['TimedOut', 'The camera did not answer.'];
    case 'ECONNRESET':
    case 'EPIPE':
      return ['Ended', 'The camera closed the connection without an answer.'];
    default:
      return isTlsCode(code)
        ? ['InvalidData', 'The camera does not speak TLS at this port. Use rtsp:// or another port.']
        : ['InvalidData', `The connection to the camera failed${code === '' ? '' : ` (${code})`}.`];
  }
}
