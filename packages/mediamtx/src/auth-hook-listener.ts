import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { decideAccess } from './auth-hook.ts';
import type { AccessDecision, AccessRules } from './auth-hook.ts';
import { authRequestSchema } from './auth-request.ts';

const authHookPath = '/mediamtx/auth';
const bodyMaxBytes = 16 * 1024;

export type AdmittedReader = NonNullable<Extract<AccessDecision, { allow: true }>['reader']>;

export type AuthHookDeps = {
  rules: AccessRules;
  /** Called for each admitted reader, before MediaMTX gets the answer. */
  onReader?: (reader: AdmittedReader) => void;
  log: { debug(fields: object, message: string): void; warn(message: string): void };
};

/**
 * MediaMTX's auth hook, `POST /mediamtx/auth`; other requests go to `next`. Responds at once, because MediaMTX's path
 * manager waits for it: without a framework, whose routing takes longer than the decision. 204 admits, 401 refuses.
 */
export function withAuthHook(deps: AuthHookDeps, next: RequestListener): RequestListener {
  return (request, response) => {
    if (request.url !== authHookPath || request.method !== 'POST') return next(request, response);
    void answer(request, response, deps);
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, deps: AuthHookDeps): Promise<void> {
  const { rules, onReader, log } = deps;
  try {
    const text = await bodyOf(request);
    // The type that web pages of other origins cannot send unasked.
    const isJson = /^application\/json\b/i.test(request.headers['content-type'] ?? '');
    const parsed = authRequestSchema.safeParse(isJson && text !== null ? parseJson(text) : undefined);
    if (!parsed.success) {
      log.warn('auth hook refused a request of unknown form: is this MediaMTX 1.20?');
      return end(response, text === null ? 413 : 400);
    }
    const decision = decideAccess(parsed.data, rules);
    if (decision.allow && decision.reader) onReader?.(decision.reader);
    if (!decision.allow) {
      const { action, path, protocol } = parsed.data;
      log.debug({ action, path, protocol, reason: decision.reason }, 'auth hook refused a request');
    }
    end(response, decision.allow ? 204 : 401);
  } catch (error) {
    // The client disconnected, or a defect. MediaMTX refuses the reader.
    log.debug({ err: error }, 'auth hook failed');
    end(response, 500);
  }
}

function end(response: ServerResponse, status: number): void {
  // The rest of a body that is too long is not read.
  if (status === 413) response.shouldKeepAlive = false;
  response.writeHead(status, { 'content-length': 0 }).end();
}

/** Null if it is longer than `bodyMaxBytes`. */
function bodyOf(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bodyMaxBytes) chunks.push(chunk);
      else resolve(null);
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString()));
    request.on('error', reject);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
