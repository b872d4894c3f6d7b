import { RunFailure } from '@camplane/supervisor/run-failure';
import { codeOf, isTlsCode, redirectText, refusedLoginTexts } from '../refusals.ts';
import { connectionFailureOf } from '../rtsp/rtsp-failure.ts';
import type { HttpAnswer } from './camera-http.ts';

/** Why a camera refused a GET, and what to change; null if it did not. 304 is an answer to a conditional request. */
export function httpRefusal({ response, login }: HttpAnswer): RunFailure | null {
  const status = response.statusCode ?? 0;
  if ((status >= 200 && status < 300) || status === 304) return null;
  if (status >= 300 && status < 400) {
    return new RunFailure('Redirected', redirectText(response.headers.location ?? ''));
  }
  switch (status) {
    case 401:
      return new RunFailure('CredentialsRefused', refusedLoginTexts[login]);
    case 403:
      return new RunFailure(
        'CredentialsRefused',
        login === 'none given'
          ? 'The camera forbids this address (403); no user and password were given.'
          : "The camera forbids this user to see the video (403). Allow it in the camera's user settings.",
      );
    case 404:
    case 410:
      return new RunFailure(
        'NotFound',
        `The camera has nothing at this address (${status}). Check the path of the address.`,
      );
    case 429:
    case 503:
      return new RunFailure(
        'TooManyConnections',
        `The camera is busy (${status}). Close other connections to it, or restart it if this lasts.`,
      );
  }
  return status >= 500
    ? new RunFailure('InvalidData', `The camera failed to send video (${status}). Restart it if this lasts.`)
    : new RunFailure('InvalidData', `The camera does not accept the request (${status}). Check the address.`);
}

/** Why a request got no answer, or its response was interrupted. */
export function httpConnectionFailure(error: unknown): RunFailure {
  if (error instanceof RunFailure) return error;
  const code = codeOf(error);
  if (code.startsWith('HPE_')) {
    return new RunFailure('InvalidData', 'The camera does not speak HTTP at this port.', { cause: error });
  }
  if (isTlsCode(code)) {
    return new RunFailure(
      'InvalidData',
      'The camera does not speak TLS at this port: use http:// or another port.',
      { cause: error },
    );
  }
  return connectionFailureOf(error);
}
