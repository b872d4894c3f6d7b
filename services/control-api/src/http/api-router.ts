import { cameraIdSchema } from '@camplane/contracts/camera-id';
import { detectionIdSchema } from '@camplane/contracts/detection';
import { roleNameSchema } from '@camplane/contracts/access';
import { CamplaneError } from '@camplane/contracts/problem';
import type { ErrorKind } from '@camplane/contracts/problem';
import { jsonBody, methodNotAllowedHandler } from '@camplane/service-kit/problem-middleware';
import { Router } from 'express';
import type { RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { BodyOf, Operation, QueryOf } from '@camplane/contracts/operation';
import type { HttpOperationId, Operations } from '@camplane/contracts/operations';
import { operations } from '@camplane/contracts/operations';
import { cameraNotFound } from '../cameras/camera-not-found.ts';
import { detectionNotFound } from '../detections/detection-not-found.ts';
import type { Access } from '../access/access.ts';
import type { Principal } from '../access/principal.ts';
import { anonymous } from '../access/principal.ts';
import { parseBody } from './parse-body.ts';
import { parseQuery } from './parse-query.ts';

type AnswerOf<O> = O extends { answer: { schema: infer S extends z.ZodType } } ? z.input<S> : unknown;

/** A validated request. `id` is the `{id}` of the path, or '' if the path has none. */
export type Call<B, Q> = {
  id: string;
  body: B;
  query: Q;
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
 * The routes of the operations table. Validates id, query and body, calls the handler and sends its answer. A known
 * path under another method answers 405.
 */
export function apiRouter(
  handlers: Handlers,
  access: Access,
  limits: { bodyMaxBytes: number; write: RequestHandler; probe: RequestHandler; login: RequestHandler },
): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const byPath = Map.groupBy(Object.entries<Operation>(operations), ([, operation]) => operation.path);
  for (const [path, entries] of byPath) {
    const route = router.route(path.replace('{id}', ':id'));
    for (const [id, operation] of entries) {
      const limiter = operation.limit === 'none' ? [] : [limits[operation.limit]];
      const body = operation.method === 'get' ? [] : jsonBody({ maxBytes: limits.bodyMaxBytes });
      const handler = operation.upgrade
        ? requireUpgrade(operation)
        : handle(operation, access, handlers[id as HttpOperationId] as AnyHandler);
      route[operation.method](...limiter, ...body, handler);
    }
    const [first, ...others] = entries.map(([, operation]) => operation.method);
    if (first) route.all(methodNotAllowedHandler(first, ...others));
  }
  return router;
}

type AnyHandler = (call: Call<unknown, unknown>) => Promise<Reply<unknown>>;

function handle(operation: Operation, access: Access, handler: AnyHandler): RequestHandler {
  return async (request, response) => {
    const call = {
      id: operation.path.includes('{id}') ? parseId[operation.idOf ?? 'camera'](request.params['id']) : '',
      body: operation.method === 'get' ? undefined : parseBody(operation.body, request.body),
      query: parseQuery(operation.query, request.query),
      principal: operation.permission === 'none' ? anonymous : access.authenticate(request),
      signal: disconnectSignal(response),
      response,
    };
    const reply = await handler(call);
    if (reply === 'sent') return;
    response.status(operation.answer.status).set('Cache-Control', 'no-store');
    if (reply === 'empty') response.end();
    else response.set(reply.headers ?? {}).json(reply.answer);
  };
}

/** RFC 9110, section 15.5.22: a 426 response names the protocol. */
function requireUpgrade({ path, upgrade = 'websocket' }: Operation): RequestHandler {
  return (_request, response) => {
    response.set({ Upgrade: upgrade, Connection: 'Upgrade' });
    throw new CamplaneError(
      'upgrade-required',
      `${path} is a WebSocket: connect with a WebSocket client, for example new WebSocket('ws://HOST${path}')`,
    );
  };
}

/** A malformed id identifies nothing, so it answers 404 rather than 400. */
const parseId = {
  camera: (text: unknown): string => {
    const id = cameraIdSchema.safeParse(text);
    if (!id.success) throw cameraNotFound(String(text));
    return id.data;
  },
  detection: (text: unknown): string => {
    const id = detectionIdSchema.safeParse(text);
    if (!id.success) throw detectionNotFound(String(text));
    return id.data;
  },
  user: parserOf(z.uuid(), 'user'),
  session: parserOf(z.uuid(), 'session'),
  token: parserOf(z.uuid(), 'token'),
  role: parserOf(roleNameSchema, 'role'),
};

function parserOf(schema: z.ZodType<string>, what: 'user' | 'session' | 'token' | 'role') {
  return (text: unknown): string => {
    const id = schema.safeParse(text);
    const kind: ErrorKind = `${what}-not-found`;
    if (!id.success) throw new CamplaneError(kind, `No ${what} has the id '${String(text).slice(0, 64)}'`);
    return id.data;
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
