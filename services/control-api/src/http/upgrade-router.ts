import type { Operation, QueryOf } from '@camplane/contracts/operation';
import type { Operations, SocketOperationId } from '@camplane/contracts/operations';
import { operations } from '@camplane/contracts/operations';
import { CamplaneError } from '@camplane/contracts/problem';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { OriginPolicy } from './origin-policy.ts';
import { parseQuery } from './parse-query.ts';
import { rememberClient } from '../access/caller.ts';
import type { TrustedProxies } from '../access/trusted-proxies.ts';
import type { Principal } from '../access/principal.ts';
import { authenticateFor, requireSomeRight } from './operation-guard.ts';
import type { GuardDeps } from './operation-guard.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';

/** A validated request for an upgrade. */
export type UpgradeCall<Q> = {
  query: Q;
  principal: Principal;
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
};

export type UpgradeHandlers = {
  /** Completes the handshake. @throws CamplaneError to refuse it */
  [Id in SocketOperationId]: (call: UpgradeCall<QueryOf<Operations[Id]>>) => void;
};

/** For the HTTP server's `upgrade` event. */
export type UpgradeRouter = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Routes WebSocket handshakes to the `upgrade` operations of the table; refusals are problem details. */
export function upgradeRouter(
  handlers: UpgradeHandlers,
  originPolicy: OriginPolicy,
  guard: Pick<GuardDeps, 'access'> & { proxies: TrustedProxies },
): UpgradeRouter {
  const route = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    rememberClient(request, guard.proxies.clientOf(request));
    const url = requireUrl(request);
    requireAllowedOrigin(request, originPolicy);
    const [id, operation] = findOperation(url.pathname);
    if (request.method !== 'GET') {
      throw new CamplaneError('method-not-allowed', `${request.method} is not allowed here: use GET`);
    }
    const handler = handlers[id] as (call: UpgradeCall<unknown>) => void;
    await guard.access.prepare(request);
    const principal = authenticateFor([id, operation], request, guard);
    requireSomeRight([id, operation], { principal, request }, guard);
    const query = parseQuery(operation.query, queryOf(url));
    handler({ query, principal, request, socket, head });
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

function findOperation(path: string): [SocketOperationId, Operation] {
  const entries = Object.entries<Operation>(operations).filter(([, operation]) => operation.upgrade);
  const found = entries.find(([, operation]) => operation.path === path);
  if (!found) {
    const known = entries.map(([, operation]) => operation.path).join(', ');
    throw new CamplaneError('not-found', `No WebSocket is served at ${path.slice(0, 200)}: use ${known}`);
  }
  return [found[0] as SocketOperationId, found[1]];
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
