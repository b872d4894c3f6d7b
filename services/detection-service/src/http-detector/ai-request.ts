import type { Frame } from '@camplane/contracts/frame';
import type { Found } from '@camplane/contracts/detection';
import { parseAiAnswer } from './ai-answer.ts';

const answerMaxBytes = 1024 * 1024;

export type AiFailureKind = 'timeout' | 'refused' | 'http-status' | 'not-json' | 'wrong-shape' | 'too-large';

export type AiAnswer =
  | { ok: true; found: Found[] }
  | {
      ok: false;
      kind: AiFailureKind;
      message: string;
      /** The service responded, but rejected this image; another may be accepted. */
      imageRefused: boolean;
    };

/** Where to send images. */
export type AiTarget = {
  endpoint: string;
  /** For logs: without user information and query. */
  shown: string;
  headers: Record<string, string>;
};

/** Bad request, too large, unsupported type, unprocessable: the image is rejected (RFC 9110, section 15.5). */
const statusesOfImages = [400, 413, 415, 422];

/**
 * The endpoint below the address of a service. Credentials in the address become a header: `fetch` refuses them
 * within.
 */
export function aiTarget(serviceUrl: string, token?: string): AiTarget {
  const url = new URL(serviceUrl);
  const headers: Record<string, string> = { accept: 'application/json' };
  if (url.username !== '' || url.password !== '') {
    const login = `${decoded(url.username)}:${decoded(url.password)}`;
    headers['authorization'] = `Basic ${Buffer.from(login).toString('base64')}`;
    url.username = '';
    url.password = '';
  }
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/detect`;
  url.hash = '';
  return { endpoint: url.href, shown: `${url.origin}${url.pathname}`, headers };
}

/** Sends one request. Every outcome is a result; never throws. */
export async function askAiService(
  target: AiTarget,
  frame: Frame,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<AiAnswer> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const form = new FormData();
  // The cast only excludes shared memory, which frames never use.
  const bytes = frame.jpeg as Uint8Array<ArrayBuffer>;
  form.append('image', new Blob([bytes], { type: 'image/jpeg' }), 'frame.jpg');
  try {
    const response = await fetch(target.endpoint, {
      method: 'POST',
      headers: target.headers,
      body: form,
      // A redirect could send the image anywhere.
      redirect: 'manual',
      signal: AbortSignal.any([signal, deadline]),
    });
    if (response.status !== 200) return await statusFailure(response);
    const text = await boundedText(response);
    if (text === undefined) {
      return failure('too-large', `the response is larger than ${answerMaxBytes} bytes`);
    }
    const answer = parseAiAnswer(text, frame, frame.detection.minConfidence);
    return answer.ok ? answer : failure(answer.kind, answer.message);
  } catch (error) {
    if (deadline.aborted) return failure('timeout', `no response within ${timeoutMs} ms`);
    return failure('refused', `the connection failed: ${connectionReason(error)}`);
  }
}

async function statusFailure(response: Response): Promise<AiAnswer> {
  await response.body?.cancel();
  const isRedirect = response.status >= 300 && response.status < 400;
  return {
    ok: false,
    kind: 'http-status',
    message: `status ${response.status}${isRedirect ? ': redirects are not followed' : ''}`,
    imageRefused: statusesOfImages.includes(response.status),
  };
}

/** The body as text; undefined if it is too large. Compressed bodies count uncompressed. */
async function boundedText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > answerMaxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function failure(kind: AiFailureKind, message: string): AiAnswer {
  return { ok: false, kind, message, imageRefused: false };
}

/** The cause of `fetch failed` has the code (ECONNREFUSED, ENOTFOUND, …). */
function connectionReason(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : 'connection lost';
}

/** Unchanged where a percent sign is not written as %25. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
