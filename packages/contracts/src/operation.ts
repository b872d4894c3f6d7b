import type { z } from 'zod';
import type { PermissionName } from './access.ts';
import { apiRoot } from './operation-parts.ts';
import type { ErrorKind } from './problem.ts';

/**
 * What a principal needs to call an operation: a permission of `access.ts`, or
 *
 * - `none`: callable without signing in
 * - `signed-in`: callable by every signed-in principal, on their own objects
 */
export type Permission = 'none' | 'signed-in' | PermissionName;

/** One operation of the HTTP API. The router, the OpenAPI document and the client are derived from it. */
export type Operation = {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'options';
  /** May contain `{id}`, and `{filename}` or `{session}` after it. */
  path: `/${string}`;
  /** The resource that `{id}` identifies; `camera` by default. */
  idOf?: 'camera' | 'detection' | 'user' | 'role' | 'session' | 'token';
  /** The operation upgrades the connection. The router of upgrades serves it; plain HTTP requests get 426. */
  upgrade?: 'websocket';
  /**
   * How a viewer that sends no header may authenticate instead: by `?ticket=`, by the first message of the WebSocket, or
   * by either.
   */
  viewerAuth?: 'ticket' | 'first-message' | 'ticket-or-first-message';
  permission: Permission;
  summary: string;
  /** Absent: a body is refused. */
  body?: z.ZodType;
  /** Media types of the body, the preferred one first; `application/json` by default. All of them are JSON, or none. */
  bodyTypes?: readonly string[];
  /** Absent: query parameters are refused. */
  query?: z.ZodObject;
  /** `schema` for JSON; `contentType` for anything else. */
  answer: { status: number; description: string; schema?: z.ZodType; contentType?: string };
  /** The answer has a strong `ETag`. */
  etag?: true;
  /** `If-Match` is checked where it is sent: 412 if the resource has changed. */
  ifMatch?: true;
  /** Pages of other permitted origins may call it (CORS); the others are for the own origin and for programs. */
  cors?: true;
  problems: readonly ErrorKind[];
  /** Which per-minute limit applies. */
  limit: 'none' | 'write' | 'probe' | 'login';
};

/** The problems of an operation, with those of its permission. */
export function problemsOf({ permission, problems }: Operation): ErrorKind[] {
  const refusals: ErrorKind[] =
    permission === 'none'
      ? []
      : permission === 'signed-in'
        ? ['unauthenticated']
        : ['unauthenticated', 'forbidden'];
  return [...new Set([...problems, ...refusals])];
}

/** The collection that a path is in: `cameras` of `/api/v1/cameras/{id}`. */
export function tagOf(path: string): string {
  return path.slice(apiRoot.length + 1).split(/[/.]/, 1)[0] ?? '';
}

export type BodyOf<O> = O extends { body: infer B extends z.ZodType } ? z.output<B> : undefined;
export type BodyInputOf<O> = O extends { body: infer B extends z.ZodType } ? z.input<B> : undefined;
export type QueryOf<O> = O extends { query: infer Q extends z.ZodType } ? z.output<Q> : undefined;
/** Query parameters before serialization: typed values, or their text. */
export type QueryInputOf<O> = O extends { query: infer Q extends z.ZodType }
  ? { readonly [K in keyof z.output<Q>]?: z.output<Q>[K] | string | readonly string[] }
  : undefined;
