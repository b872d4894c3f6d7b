import { CamplaneError } from '@camplane/contracts/problem';
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { CertificateTrust } from './server-certificate.ts';

export type WhepRequest = {
  method: 'POST' | 'PATCH' | 'DELETE' | 'OPTIONS';
  headers?: Record<string, string>;
  body?: string;
  signal: AbortSignal;
};
export type WhepResponse = { status: number; headers: IncomingHttpHeaders; body: string };

const timeoutMs = 10_000;
const answerMaxBytes = 256 * 1024;

/**
 * Sends a request to MediaMTX's WHEP server and returns its answer, refusals included.
 *
 * @param trust how to recognise a server over HTTPS; by its host name if not given
 * @throws CamplaneError `service-unavailable` if there is no answer
 */
export function requestWhep(
  url: string,
  request: WhepRequest,
  trust?: CertificateTrust,
): Promise<WhepResponse> {
  const { protocol } = new URL(url);
  const { method, headers = {}, body = '', signal } = request;
  const options = {
    method,
    headers: { ...headers, ...(body === '' ? {} : { 'content-length': Buffer.byteLength(body) }) },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    ...trust,
  };
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(
        new CamplaneError('service-unavailable', 'The media server did not answer, try again', {
          cause,
          retryAfterSeconds: 2,
        }),
      );
    const send = protocol === 'https:' ? httpsRequest : httpRequest;
    const sent = send(url, options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.byteLength;
        if (bytes > answerMaxBytes) sent.destroy(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    sent.on('error', fail);
    sent.end(body);
  });
}
