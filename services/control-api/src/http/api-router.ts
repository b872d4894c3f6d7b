import { cameraIdSchema } from '@camplane/contracts/camera-id';
import { CamplaneError } from '@camplane/contracts/problem';
import { jsonBody, methodNotAllowedHandler } from '@camplane/service-kit/problem-middleware';
import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { cameraNotFound } from '../cameras/camera-not-found.ts';
import type { Operation, OperationId, operations as table } from './operations.ts';
import { operations } from './operations.ts';
import { parseBody } from './parse-body.ts';

type Table = typeof table;
type BodyOf<O> = O extends { body: infer B extends z.ZodType } ? z.output<B> : undefined;
type AnswerOf<O> = O extends { answer: { schema: infer S extends z.ZodType } } ? z.input<S> : unknown;

/** A parsed request. `id` is the camera's, and '' where the path has none. */
export type Call<B> = { id: string; body: B; signal: AbortSignal; response: Response };
/** `sent`: the handler has written the answer itself. */
export type Reply<A> = { answer: A; headers?: Record<string, string> } | 'sent' | 'empty';

export type Handlers = {
  [Id in OperationId]: (call: Call<BodyOf<Table[Id]>>) => Promise<Reply<AnswerOf<Table[Id]>>>;
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
      const handler = handlers[id as OperationId] as (call: Call<unknown>) => Promise<Reply<unknown>>;
      route[operation.method](...limiter, ...body, answering(operation, handler));
    }
    const [first, ...others] = entries.map(([, operation]) => operation.method);
    if (first) route.all(methodNotAllowedHandler(first, ...others));
  }
  return router;
}

function answering(
  operation: Operation,
  handler: (call: Call<unknown>) => Promise<Reply<unknown>>,
): RequestHandler {
  return async (request, response) => {
    const call = {
      id: operation.path.includes('{id}') ? cameraIdOf(request) : '',
      body: operation.method === 'get' ? undefined : parseBody(operation.body, request.body),
      signal: untilGone(response),
      response,
    };
    refuseQuery(request);
    const reply = await handler(call);
    if (reply === 'sent') return;
    response.status(operation.answer.status).set('Cache-Control', 'no-store');
    if (reply === 'empty') response.end();
    else response.set(reply.headers ?? {}).json(reply.answer);
  };
}

function cameraIdOf(request: Request): string {
  const given = request.params['id'];
  const id = cameraIdSchema.safeParse(given);
  // What cannot be an id is the id of no camera.
  if (!id.success) throw cameraNotFound(String(given));
  return id.data;
}

function refuseQuery(request: Request): void {
  const names = Object.keys(request.query);
  if (names.length === 0) return;
  throw new CamplaneError('invalid-query', 'This operation takes no query parameters', {
    fields: names
      .slice(0, 50)
      .map((name) => ({ path: name.slice(0, 200), message: 'is not a known parameter' })),
  });
}

/** Aborted when the client has gone before its answer was sent. */
function untilGone(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
