import { CamplaneError } from '@camplane/contracts/problem';
import { jsonBody, methodNotAllowedHandler, textBody } from '@camplane/service-kit/problem-middleware';
import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { BodyOf, Operation, QueryOf } from '@camplane/contracts/operation';
import type { HttpOperationId, OperationId, Operations } from '@camplane/contracts/operations';
import { operations } from '@camplane/contracts/operations';
import { accessOperations } from '@camplane/contracts/access-operations';
import type { Principal } from '../access/principal.ts';
import { auditEntryOf } from './audit-request.ts';
import { requireRegistered } from '../cameras/require-registered.ts';
import { corsHeaders } from './cors.ts';
import { authenticateViewer, authorizeOperation } from './operation-guard.ts';
import type { GuardDeps } from './operation-guard.ts';
import type { OriginPolicy } from './origin-policy.ts';
import { parseBody } from './parse-body.ts';
import { parseQuery } from './parse-query.ts';

type AnswerOf<O> = O extends { answer: { schema: infer S extends z.ZodType } } ? z.input<S> : unknown;

/** A validated request. `id`, `filename` and `session` are those of the path, or '' if the path has none. */
export type Call<B, Q> = {
  id: string;
  filename: string;
  session: string;
  body: B;
  query: Q;
  /** The header `If-Match`, for operations that check it. */
  ifMatch: string | undefined;
  principal: Principal;
  /** Aborted when the client disconnects. */
  signal: AbortSignal;
  response: Response;
};
/** `sent`: the handler has written the response itself. `empty`: no body. */
export type Reply<A> = { answer: A; headers?: Record<string, string> } | 'sent' | 'empty';

export type Handlers = {
  [Id in HttpOperationId]: (
    call: Call<BodyOf<Operations[Id]>, QueryOf<Operations[Id]>>,
  ) => Promise<Reply<AnswerOf<Operations[Id]>>>;
};

/**
 * The routes of the operations table. Each checks who calls and whether they may, before it counts the request, reads
 * the body or looks anything up; then it validates query and body, calls the handler and sends its answer. A known path
 * under another method answers 405.
 */
export function apiRouter(
  handlers: Handlers,
  guard: GuardDeps,
  originPolicy: OriginPolicy,
  limits: { bodyMaxBytes: number; write: RequestHandler; probe: RequestHandler; login: RequestHandler },
): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const table = Object.entries<Operation>(operations) as [OperationId, Operation][];
  for (const [path, entries] of Map.groupBy(table, ([, operation]) => operation.path)) {
    const route = router.route(path.replace(/\{(\w+)\}/g, ':$1'));
    const described = entries.map(([, operation]) => operation);
    for (const handler of corsHeaders(described, originPolicy)) route.all(handler);
    for (const entry of entries) {
      const [id, operation] = entry;
      const limiter = operation.limit === 'none' ? [] : [limits[operation.limit]];
      const body = operation.method === 'get' ? [] : bodyParser(operation, limits);
      const handler = operation.upgrade
        ? requireUpgrade(operation, guard)
        : handle(entry, handlers[id as HttpOperationId] as AnyHandler, guard);
      route[operation.method](requireRight(entry, guard), ...limiter, ...body, handler);
    }
    const [first, ...others] = entries.map(([, operation]) => operation.method);
    if (first) route.all(methodNotAllowedHandler(first, ...others));
  }
  return router;
}

function bodyParser({ bodyTypes = ['application/json'] }: Operation, limits: { bodyMaxBytes: number }) {
  const maxBytes = limits.bodyMaxBytes;
  const [type = ''] = bodyTypes;
  return /\bjson$/.test(type) ? jsonBody({ maxBytes, types: bodyTypes }) : textBody({ maxBytes, type });
}

type AnyHandler = (call: Call<unknown, unknown>) => Promise<Reply<unknown>>;
type Entry = readonly [OperationId, Operation];
type Caller = { principal: Principal; id: string };

/** What {@link requireRight} found out, for {@link handle}. */
const callers = new WeakMap<Request, Caller>();

function requireRight(entry: Entry, guard: GuardDeps): RequestHandler {
  return async (request, _response, next) => {
    await guard.access.prepare(request);
    const idText = request.params['id'];
    const viewer = { idText, ticket: request.query['ticket'] };
    const principal = authenticateViewer(entry, request, viewer, guard);
    const id = await authorizeOperation(entry, idText, { principal, request }, guard);
    callers.set(request, { principal, id });
    next();
  };
}

function handle(entry: Entry, handler: AnyHandler, guard: GuardDeps): RequestHandler {
  const [, operation] = entry;
  return async (request, response) => {
    const caller = callers.get(request);
    if (!caller) throw new Error('the request was not authorized');
    const { filename = '', session = '' } = request.params;
    const call = {
      ...caller,
      filename: String(filename),
      session: String(session),
      body:
        operation.method === 'get'
          ? undefined
          : parseBody(operation.body, request.body, operation.bodyTypes?.[0]),
      query: parseQuery(operation.query, request.query),
      ifMatch: operation.ifMatch ? request.headers['if-match'] : undefined,
      signal: disconnectSignal(response),
      response,
    };
    const reply = await audited(entry, request, call, () => handler(call), guard);
    if (reply === 'sent') return;
    response.status(operation.answer.status).set('Cache-Control', 'no-store');
    if (reply === 'empty') response.end();
    else response.set(reply.headers ?? {}).json(reply.answer);
  };
}

/** Audits changes of cameras. Those of users, sessions and tokens are audited where more is known of them. */
async function audited<T>(
  [action, { method, permission }]: Entry,
  request: Request,
  { principal, id, body }: Caller & { body: unknown },
  run: () => Promise<T>,
  { access }: GuardDeps,
): Promise<T> {
  // Who may view may also send offers and get tickets.
  if (method === 'get' || permission === 'camera.view' || action in accessOperations) return run();
  const named = body as { id?: string; cameraId?: string } | undefined;
  const cameraId = id || (named?.id ?? named?.cameraId ?? null);
  const audit = (outcome: 'allowed' | 'refused' | 'failed', detail: string): void =>
    access.audit(auditEntryOf(request, principal, { action, outcome, cameraId, detail }));
  try {
    const reply = await run();
    audit('allowed', '');
    return reply;
  } catch (error) {
    const isKnown = error instanceof CamplaneError;
    audit(
      isKnown && error.kind === 'forbidden' ? 'refused' : 'failed',
      isKnown ? error.message : 'Internal error',
    );
    throw error;
  }
}

/** RFC 9110, section 15.5.22: a 426 response names the protocol. */
function requireUpgrade(operation: Operation, { cameras }: GuardDeps): RequestHandler {
  const { path, upgrade = 'websocket' } = operation;
  return (request, response) => {
    parseQuery(operation.query, request.query);
    if (path.includes('{id}')) requireRegistered(callers.get(request)?.id ?? '', cameras);
    response.set({ Upgrade: upgrade, Connection: 'Upgrade' });
    throw new CamplaneError(
      'upgrade-required',
      `${path} is a WebSocket: connect with a WebSocket client, for example new WebSocket('ws://HOST${path}')`,
    );
  };
}

/** Aborted when the client disconnects before the response is sent. */
function disconnectSignal(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
