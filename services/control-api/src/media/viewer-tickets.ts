import { CamplaneError } from '@camplane/contracts/problem';
import { randomUUID } from 'node:crypto';
import type { Access } from '../access/access.ts';
import type { Principal } from '../access/principal.ts';
import { tokenPrefix } from '../access/secret.ts';
import { unrestricted } from '../access/unrestricted-access.ts';
import type { SpentTickets } from './spent-tickets.ts';
import type { StreamTickets, TicketUse } from './stream-tickets.ts';

/** Who watches a camera through the API, by a ticket instead of a header. */
export type ViewerTickets = {
  /** `?ticket=`: a ticket for addresses, once. @throws CamplaneError `unauthenticated` */
  ofQuery(ticket: string, cameraId: string): Principal;
  /** The message `auth`: a ticket for headers, or an API token. @throws CamplaneError `unauthenticated` */
  ofMessage(token: string, cameraId: string): Principal;
  /** The message `auth` of a connection for many cameras: an API token. @throws CamplaneError `unauthenticated` */
  ofToken(token: string): Principal;
};

/** @param deps.tickets null: access control is off, and everybody may view */
export function createViewerTickets(deps: {
  tickets: Pick<StreamTickets, 'verify'> | null;
  spent: SpentTickets;
  access: Pick<Access, 'principalOfToken' | 'refresh'>;
}): ViewerTickets {
  const { tickets, spent, access } = deps;

  function ofTicket(ticket: string, use: TicketUse, cameraId: string): Principal {
    if (!tickets) return unrestricted;
    const claims = tickets.verify(ticket);
    if (typeof claims === 'string') throw refused(claims);
    if (claims.use !== use) throw refused(`it is for ${claims.use} use: request one for ${use} use`);
    if (claims.cameraId !== cameraId) throw refused('it is for another camera');
    if (use === 'address' && !spent.spend(claims, { id: randomUUID(), protocol: 'jpeg' })) {
      throw refused('it was used before: request another');
    }
    const { userId, credential } = claims;
    const principal = access.refresh({ kind: 'user', userId, username: '', limits: [], credential });
    if (!principal) throw refused('its session or API token has ended');
    return principal;
  }

  function ofToken(token: string): Principal {
    const principal = tickets ? access.principalOfToken(token) : unrestricted;
    if (principal) return principal;
    throw new CamplaneError('unauthenticated', 'The API token is unknown, expired or revoked');
  }

  return {
    ofQuery: (ticket, cameraId) => ofTicket(ticket, 'address', cameraId),
    ofMessage: (token, cameraId) =>
      token.startsWith(tokenPrefix) ? ofToken(token) : ofTicket(token, 'header', cameraId),
    ofToken,
  };
}

function refused(reason: string): CamplaneError {
  return new CamplaneError('unauthenticated', `The ticket is not accepted: ${reason}`);
}
