import { parseMediaPath } from '@camplane/contracts/camera-id';
import type { AuthRequest } from '@camplane/mediamtx/auth-request';
import type { ReaderAdmission, ReaderGate } from '@camplane/mediamtx/reader-gate';
import type { WallClock } from '@camplane/runtime/clock';
import type { Access } from '../access/access.ts';
import { authorize } from '../access/authorize.ts';
import type { CameraIdentity } from '../access/authorize.ts';
import type { Principal } from '../access/principal.ts';
import type { MediaSessions } from './media-sessions.ts';
import type { SpentTickets } from './spent-tickets.ts';
import type { StreamTickets, TicketClaims } from './stream-tickets.ts';

export type User = Extract<Principal, { kind: 'user' }>;

export type MediaGateDeps = {
  access: Pick<Access, 'principalOfToken' | 'refresh' | 'audit'>;
  tickets: Pick<StreamTickets, 'verify'>;
  cameras: { identity(id: string): CameraIdentity | undefined };
  sessions: Pick<MediaSessions, 'remember'>;
  spent: Pick<SpentTickets, 'spend'>;
  wallClock: WallClock;
};

/** Why a reader is refused; for the log and the audit log. */
type Refusal = { refusal: string; user?: User };
/** `ticket`: one for a single session. */
type Presented = { user: User; ticket?: TicketClaims } | Refusal;

/**
 * Who may read a camera's video: the holder of a stream ticket or of an API token, whose user may view the camera now.
 *
 * - `Authorization: Bearer`: a ticket for headers, or an API token
 * - user name and API token: RTSP, or HTTP Basic
 * - `?ticket=`: a ticket for addresses, for one session
 *
 * The answer comes from memory alone.
 */
export function createMediaGate(deps: MediaGateDeps): ReaderGate {
  const { access, cameras, sessions, spent } = deps;
  const audit = refusalAudit(deps);

  function present(request: AuthRequest, cameraId: string): Presented {
    const { user, password, token, query } = request;
    if (user !== '') return ofLogin(user, password);
    if (password !== '') return { refusal: 'the user name is missing' };
    // MediaMTX takes it from `?token=` or `?jwt=`, and an address ends up in histories and logs.
    if (token !== '' && request.protocol === 'rtsp') return { refusal: 'a token in the address' };
    if (token.startsWith('cpl_')) return ofToken(token);
    if (token !== '') return ofTicket(deps.tickets.verify(token), 'header', cameraId);
    return ofAddress(request, cameraId, new URLSearchParams(query).get('ticket'));
  }

  function ofAddress(request: AuthRequest, cameraId: string, ticket: string | null): Presented {
    if (ticket === null) return { refusal: 'no credentials' };
    if (request.action !== 'read') return { refusal: 'a ticket in an address opens one session to read' };
    const claims = deps.tickets.verify(ticket);
    const presented = ofTicket(claims, 'address', cameraId);
    if ('refusal' in presented || typeof claims === 'string') return presented;
    // A page, which opens no session, does not spend the ticket.
    const { id, protocol } = request;
    if (id !== null && !spent.spend(claims, { id, protocol })) {
      return { refusal: 'the ticket was used before', user: presented.user };
    }
    return { ...presented, ticket: claims };
  }

  function ofLogin(username: string, password: string): Presented {
    const presented = ofToken(password);
    if ('user' in presented && presented.user?.username !== username) {
      return { refusal: 'the API token belongs to another user' };
    }
    return presented;
  }

  function ofToken(secret: string): Presented {
    const user = access.principalOfToken(secret);
    return user?.kind === 'user' ? { user } : { refusal: 'the API token is not valid' };
  }

  function ofTicket(claims: TicketClaims | string, use: TicketClaims['use'], cameraId: string): Presented {
    if (typeof claims === 'string') return { refusal: claims };
    if (claims.use !== use) return { refusal: `a ticket for ${claims.use} use was sent by ${use}` };
    const user = access.refresh({
      ...{ kind: 'user', userId: claims.userId, username: '', limits: [] },
      credential: claims.credential,
    });
    if (user?.kind !== 'user') return { refusal: 'the session or API token of the ticket has ended' };
    return claims.cameraId === cameraId ? { user } : { refusal: 'the ticket is for another camera', user };
  }

  return {
    admit(request): ReaderAdmission {
      const cameraId = parseMediaPath(request.path)?.cameraId;
      const camera = cameraId === undefined ? undefined : cameras.identity(cameraId);
      if (!camera) return { allow: false, reason: 'unknown camera' };
      const presented = present(request, camera.id);
      const outcome = 'refusal' in presented ? presented : decide(presented, camera, request);
      if (!('refusal' in outcome)) return { allow: true, credentialId: outcome.user.credential.id };
      audit(request, camera.id, outcome);
      return { allow: false, reason: outcome.refusal };
    },
  };

  function decide(
    { user, ticket }: Exclude<Presented, Refusal>,
    camera: CameraIdentity,
    { action, id, protocol }: AuthRequest,
  ): Presented {
    if (!authorize(user, 'camera.view', camera)) return { refusal: 'no right to view the camera', user };
    // Playback asks for each request and opens no session.
    if (id === null || action !== 'read') return { user };
    const ofOneSession = ticket ? { id: ticket.id, expiresMs: ticket.expiresMs } : null;
    return sessions.remember({ id, protocol, cameraId: camera.id, user, ticket: ofOneSession })
      ? { user }
      : { refusal: 'too many video sessions', user };
  }
}

const repeatAfterMs = 60_000;
const refusalsRememberedMax = 1000;

/** Players retry, so the same refusal is audited once a minute. */
function refusalAudit({ access, wallClock }: Pick<MediaGateDeps, 'access' | 'wallClock'>) {
  const auditedMs = new Map<string, number>();
  return (request: AuthRequest, cameraId: string, { refusal, user }: Refusal): void => {
    // RTSP clients and browsers ask without credentials first.
    if (refusal === 'no credentials') return;
    const key = JSON.stringify([request.ip, cameraId, refusal, user?.credential.id]);
    const before = auditedMs.get(key);
    if (before !== undefined && Math.abs(wallClock.epochMs() - before) < repeatAfterMs) return;
    if (auditedMs.size >= refusalsRememberedMax) auditedMs.clear();
    auditedMs.set(key, wallClock.epochMs());
    access.audit({
      action: 'media.read',
      outcome: 'refused',
      username: user?.username ?? null,
      method: request.user === '' && !request.token.startsWith('cpl_') ? 'ticket' : 'token',
      credentialId: user?.credential.id ?? null,
      cameraId,
      address: request.ip,
      detail: `${request.protocol === '' ? 'Video' : request.protocol.toUpperCase()} was refused: ${refusal}`,
    });
  };
}
