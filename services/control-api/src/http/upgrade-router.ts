import type { Operation, QueryOf } from '@camplane/contracts/operation';
import type { Operations, SocketOperationId } from '@camplane/contracts/operations';
import { operations } from '@camplane/contracts/operations';
import { CamplaneError } from '@camplane/contracts/problem';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { OriginPolicy } from './origin-policy.ts';
import { parseQuery } from './parse-query.ts';
import { rememberClient } from '../access/caller.ts';
import { anonymous } from '../access/principal.ts';
import type { TrustedProxies } from '../access/trusted-proxies.ts';
import type { Principal } from '../access/principal.ts';
import {
  authenticateViewer,
  authorizeNamedCamera,
  authorizeOperation,
  requireSomeRight,
} from './operation-guard.ts';
import type { GuardDeps } from './operation-guard.ts';
import { refuseUpgrade } from '@camplane/service-kit/refuse-upgrade';

/** A validated request for an upgrade. */
export type UpgradeCall<Q> = {
  /** The `{id}` of the path as it was sent, or '' if the path has none. */
  id: string;
  query: Q;
  /** Anonymous only if the first message may authenticate; then the handler calls `authorize`. */
  principal: Principal;
  /** @throws CamplaneError `forbidden`, `camera-not-found` */
  authorize(principal: Principal): Promise<void>;
  /** For a camera that a message names. @throws CamplaneError `camera-not-found` */
  authorizeCamera(principal: Principal, cameraId: string): void;
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
};

export type UpgradeHandlers = {
  /** Completes the handshake. @throws CamplaneError to refuse it */
  [Id in SocketOperationId]: (call: UpgradeCall<QueryOf<Operations[Id]>>) => void | Promise<void>;
};

/** For the HTTP server's `upgrade` event. */
export type UpgradeRouter = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Routes WebSocket handshakes to the `upgrade` operations of the table; refusals are problem details. */
export function upgradeRouter(
  handlers: UpgradeHandlers,
  originPolicy: OriginPolicy,
  guard: GuardDeps & { proxies: TrustedProxies },
): UpgradeRouter {
  const route = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    rememberClient(request, guard.proxies.clientOf(request));
    const url = requireUrl(request);
    requireAllowedOrigin(request, originPolicy);
    const { entry, idText } = findOperation(url.pathname);
    const [operationId, operation] = entry;
    if (request.method !== 'GET') {
      throw new CamplaneError('method-not-allowed', `${request.method} is not allowed here: use GET`);
    }
    const handler = handlers[operationId] as (call: UpgradeCall<unknown>) => void | Promise<void>;
    await guard.access.prepare(request);
    const principal = principalOf(entry, request, { url, idText }, guard);
    const authorize = async (caller: Principal): Promise<void> => {
      if (idText === '') requireSomeRight(entry, { principal: caller, request }, guard);
      await authorizeOperation(entry, idText, { principal: caller, request }, guard);
    };
    const authorizeCamera = (caller: Principal, cameraId: string): void =>
      authorizeNamedCamera(entry, cameraId, { principal: caller, request }, guard);
    if (principal.kind !== 'anonymous') await authorize(principal);
    const query = parseQuery(operation.query, queryOf(url));
    const call = { id: idText, query, principal, authorize, authorizeCamera };
    await handler({ ...call, request, socket, head });
  };
  return (request, socket, head) => {
    // The client may disconnect before the handler listens.
    const ignore = (): void => {};
    socket.on('error', ignore);
    route(request, socket, head)
      .catch((error: unknown) => {
        const internal = () => new CamplaneError('internal', 'Internal error', { cause: error });
        refuseUpgrade(socket, error instanceof CamplaneError ? error : internal());
      })
      .finally(() => socket.off('error', ignore));
  };
}

/** @returns anonymous if the first message will authenticate */
function principalOf(
  entry: readonly [SocketOperationId, Operation],
  request: IncomingMessage,
  { url, idText }: { url: URL; idText: string },
  guard: GuardDeps,
): Principal {
  const ticket = url.searchParams.get('ticket') ?? undefined;
  const [, { viewerAuth }] = entry;
  const mayAuthenticateLater =
    viewerAuth === 'first-message' || (viewerAuth === 'ticket-or-first-message' && ticket === undefined);
  if (mayAuthenticateLater && hasNoCredential(request, guard)) return anonymous;
  return authenticateViewer(entry, request, { idText, ticket }, guard);
}

function hasNoCredential(request: IncomingMessage, { access }: GuardDeps): boolean {
  try {
    return access.authenticate(request).kind === 'anonymous';
  } catch {
    // An invalid one: `authenticateViewer` records and reports it.
    return false;
  }
}

function requireUrl(request: IncomingMessage): URL {
  const url = URL.parse(request.url ?? '', 'http://localhost');
  if (!url) throw new CamplaneError('not-found', 'The request path is not valid');
  return url;
}

function requireAllowedOrigin(request: IncomingMessage, policy: OriginPolicy): void {
  const { host, origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const isAllowed =
    policy.isHostAllowed(host) &&
    policy.isOriginAllowed(origin, host, typeof site === 'string' ? site : undefined);
  if (!isAllowed) {
    throw new CamplaneError(
      'cross-origin',
      'WebSockets are refused to pages of other origins: add the origin to CAMPLANE_ALLOWED_ORIGINS',
    );
  }
}

function findOperation(path: string): { entry: [SocketOperationId, Operation]; idText: string } {
  const entries = Object.entries<Operation>(operations).filter(([, operation]) => operation.upgrade);
  for (const [id, operation] of entries) {
    const idText = idTextOf(operation.path, path);
    if (idText !== null) return { entry: [id as SocketOperationId, operation], idText };
  }
  const known = entries.map(([, operation]) => operation.path).join(', ');
  throw new CamplaneError('not-found', `No WebSocket is served at ${path.slice(0, 200)}: use ${known}`);
}

/** What stands for `{id}` in a path, '' if the template has none; null if the path does not match. */
function idTextOf(template: string, path: string): string | null {
  const [head = '', tail] = template.split('{id}');
  if (tail === undefined) return path === head ? '' : null;
  const idText = path.slice(head.length, path.length - tail.length);
  return path === `${head}${idText}${tail}` && !idText.includes('/') ? idText : null;
}

/** As Express parses a query: a repeated parameter becomes a list. */
function queryOf({ searchParams }: URL): Record<string, string | string[]> {
  const names = [...new Set(searchParams.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const [first = '', ...others] = searchParams.getAll(name);
      return [name, others.length === 0 ? first : [first, ...others]];
    }),
  );
}
