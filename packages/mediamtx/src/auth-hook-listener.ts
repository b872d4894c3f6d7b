import type { Refusals } from '@camplane/service-kit/refusals';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { decideAccess } from './auth-hook.ts';
import type { AccessDecision, AccessRules } from './auth-hook.ts';
import { authRequestSchema } from './auth-request.ts';
import { mayCallHook } from './hook-callers.ts';
import type { HookCallers } from './hook-callers.ts';

const authHookPath = '/mediamtx/auth';
const bodyMaxBytes = 16 * 1024;

export type AdmittedReader = NonNullable<Extract<AccessDecision, { allow: true }>['reader']>;

export type AuthHookDeps = {
  rules: AccessRules;
  callers: HookCallers;
  refusals: Refusals;
  /** Called for each admitted reader, before MediaMTX gets the answer. */
  onReader?: (reader: AdmittedReader) => void;
  log: { debug(fields: object, message: string): void; warn(message: string): void };
};

/**
 * MediaMTX's auth hook, `POST /mediamtx/auth`; other requests go to `next`. Responds at once, because MediaMTX's path
 * manager waits for it: without a framework, whose routing takes longer than the decision. 204 admits, 401 refuses the reader,
 * or a caller that is not MediaMTX.
 */
export function withAuthHook(deps: AuthHookDeps, next: RequestListener): RequestListener {
  return (request, response) => {
    if (request.url !== authHookPath || request.method !== 'POST') return next(request, response);
    if (mayCallHook(request, deps.callers)) return void answer(request, response, deps);
    deps.refusals.count('media-hook', request);
    end(response, 401, { isRead: false });
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
      return end(response, text === null ? 413 : 400, { isRead: text !== null });
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

/** @param options.isRead whether the body was read; otherwise the connection cannot be used again */
function end(response: ServerResponse, status: number, { isRead = true } = {}): void {
  if (!isRead) response.shouldKeepAlive = false;
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
