import { cameraIdSchema } from '@camplane/contracts/camera-id';
import { detectionIdSchema } from '@camplane/contracts/detection';
import { jsonBody, methodNotAllowedHandler } from '@camplane/service-kit/problem-middleware';
import { Router } from 'express';
import type { RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { cameraNotFound } from '../cameras/camera-not-found.ts';
import { detectionNotFound } from '../detections/detection-not-found.ts';
import type { Operation, OperationId, operations as table } from './operations.ts';
import { operations } from './operations.ts';
import { parseBody } from './parse-body.ts';
import { parseQuery } from './parse-query.ts';

type Table = typeof table;
type BodyOf<O> = O extends { body: infer B extends z.ZodType } ? z.output<B> : undefined;
type QueryOf<O> = O extends { query: infer Q extends z.ZodType } ? z.output<Q> : undefined;
type AnswerOf<O> = O extends { answer: { schema: infer S extends z.ZodType } } ? z.input<S> : unknown;

/** A parsed request. `id` is that of the path, and '' where it has none. */
export type Call<B, Q> = { id: string; body: B; query: Q; signal: AbortSignal; response: Response };
/** `sent`: the handler has written the answer itself. */
export type Reply<A> = { answer: A; headers?: Record<string, string> } | 'sent' | 'empty';

export type Handlers = {
  [Id in OperationId]: (
    call: Call<BodyOf<Table[Id]>, QueryOf<Table[Id]>>,
  ) => Promise<Reply<AnswerOf<Table[Id]>>>;
};

/**
 * Routes for the table of operations: checks id, query and body, calls the handler, sends its answer. A path of the
 * table under another method answers 405.
 */
export function apiRouter(
  handlers: Handlers,
  limits: { bodyMaxBytes: number; write: RequestHandler; probe: RequestHandler },
): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const byPath = Map.groupBy(Object.entries<Operation>(operations), ([, operation]) => operation.path);
  for (const [path, entries] of byPath) {
    const route = router.route(path.replace('{id}', ':id'));
    for (const [id, operation] of entries) {
      const limiter = operation.limit === 'none' ? [] : [limits[operation.limit]];
      const body = operation.method === 'get' ? [] : jsonBody({ maxBytes: limits.bodyMaxBytes });
      const handler = handlers[id as OperationId] as AnyHandler;
      route[operation.method](...limiter, ...body, answering(operation, handler));
    }
    const [first, ...others] = entries.map(([, operation]) => operation.method);
    if (first) route.all(methodNotAllowedHandler(first, ...others));
  }
  return router;
}

type AnyHandler = (call: Call<unknown, unknown>) => Promise<Reply<unknown>>;

function answering(operation: Operation, handler: AnyHandler): RequestHandler {
  return async (request, response) => {
    const call = {
      id: operation.path.includes('{id}') ? ids[operation.idOf ?? 'camera'](request.params['id']) : '',
      body: operation.method === 'get' ? undefined : parseBody(operation.body, request.body),
      query: parseQuery(operation.query, request.query),
      signal: untilGone(response),
      response,
    };
    const reply = await handler(call);
    if (reply === 'sent') return;
    response.status(operation.answer.status).set('Cache-Control', 'no-store');
    if (reply === 'empty') response.end();
    else response.set(reply.headers ?? {}).json(reply.answer);
  };
}

/** What cannot be an id is the id of nothing. */
const ids = {
  camera: (given: unknown): string => {
    const id = cameraIdSchema.safeParse(given);
    if (!id.success) throw cameraNotFound(String(given));
    return id.data;
  },
  detection: (given: unknown): string => {
    const id = detectionIdSchema.safeParse(given);
    if (!id.success) throw detectionNotFound(String(given));
    return id.data;
  },
};

/** Aborted when the client has gone before its answer was sent. */
function untilGone(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
