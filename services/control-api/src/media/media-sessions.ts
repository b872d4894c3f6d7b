import type { Access } from '../access/access.ts';
import { authorize } from '../access/authorize.ts';
import type { CameraIdentity } from '../access/authorize.ts';
import type { Principal } from '../access/principal.ts';
import type { Clock } from '@camplane/runtime/clock';
import type { MediaServers } from './media-servers.ts';

type User = Extract<Principal, { kind: 'user' }>;

/** A session of MediaMTX: an id of its hook, and who opened it, with a ticket for one session or another credential. */
export type MediaSession = {
  id: string;
  protocol: string;
  cameraId: string;
  user: User;
  ticket: { id: string; expiresMs: number } | null;
};

/** The sessions that readers opened in MediaMTX, so that they end with the right to them. */
export type MediaSessions = {
  /** Before MediaMTX accepts the session. False: there are too many; refuse it. */
  remember(session: MediaSession): boolean;
  /** A session that another process remembered. */
  restore(session: MediaSession): void;
  /** Ends the sessions whose right has ended. Called after changes, and twice a second for what expires. */
  check(): void;
  /** Forgets the sessions that MediaMTX no longer lists. */
  sweep(): Promise<void>;
  count(): number;
};

const sessionsMax = 20_000;
/** MediaMTX opens a session after the hook has answered, so a kick may come too early. */
const openingMs = 10_000;
/** An RTSP connection asks before its session exists, and is never listed as one. */
const listedAfterMs = 30_000;
/** Another process may have admitted the session with a credential or to a camera that this one reads later. */
const unknownAfterMs = 15_000;
const kicksMax = 16;
const kickAgainAfterMs = 400;

type Entry = MediaSession & {
  sinceMs: number;
  /** This process has seen the right to it. */
  confirmed: boolean;
  ended: boolean;
  kicking: boolean;
  nextKickMs: number;
};

export function createMediaSessions(deps: {
  access: Pick<Access, 'refresh'>;
  cameras: { identity(id: string): CameraIdentity | undefined };
  servers: Pick<MediaServers, 'kick' | 'list'>;
  /** Where sessions outlive this process. */
  records?: { add(session: MediaSession): void; remove(id: string): void };
  clock: Pick<Clock, 'now'>;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}): MediaSessions {
  const { access, cameras, servers, records, clock, log } = deps;
  const entries = new Map<string, Entry>();
  let kicks = 0;

  function mayStay(entry: Entry): boolean {
    const { user, cameraId } = entry;
    const camera = cameras.identity(cameraId);
    const current = access.refresh(user);
    const isAllowed = camera !== undefined && current !== null && authorize(current, 'camera.view', camera);
    // The rights of an access token or a proxy's user come with the credential: nothing is read later.
    entry.confirmed ||= isAllowed || (camera !== undefined && 'issuer' in user.credential);
    return isAllowed || (!entry.confirmed && clock.now() - entry.sinceMs < unknownAfterMs);
  }

  function add(session: MediaSession, confirmed: boolean): void {
    const state = { sinceMs: clock.now(), confirmed, ended: false, kicking: false, nextKickMs: 0 };
    entries.set(session.id, { ...session, ...state });
  }

  function forget(id: string): void {
    entries.delete(id);
    records?.remove(id);
  }

  async function kick(entry: Entry): Promise<void> {
    entry.kicking = true;
    entry.nextKickMs = clock.now() + kickAgainAfterMs;
    kicks += 1;
    const { id, protocol, cameraId, user } = entry;
    const fields = { camera: cameraId, protocol, credential: user.credential.id };
    try {
      const kicked = await servers.kick(protocol, id);
      if (kicked) log.info(fields, 'ended a video session');
      if (kicked || clock.now() - entry.sinceMs > openingMs) forget(id);
    } catch (error) {
      log.warn({ ...fields, err: error }, 'ending a video session failed, will retry');
    } finally {
      entry.kicking = false;
      kicks -= 1;
      checkEnded();
    }
  }

  /** At most `kicksMax` requests at once. */
  function checkEnded(): void {
    for (const entry of entries.values()) {
      if (kicks >= kicksMax) return;
      if (entry.ended && !entry.kicking && entry.nextKickMs <= clock.now()) void kick(entry);
    }
  }

  return {
    remember(session) {
      if (entries.size >= sessionsMax && !entries.has(session.id)) return false;
      add(session, true);
      records?.add(session);
      return true;
    },
    restore(session) {
      if (!entries.has(session.id) && entries.size < sessionsMax) add(session, false);
    },
    check() {
      for (const entry of entries.values()) entry.ended ||= !mayStay(entry);
      checkEnded();
    },
    async sweep() {
      const listed = await servers.list();
      for (const { id, sinceMs, ended } of entries.values()) {
        if (!ended && !listed.has(id) && clock.now() - sinceMs > listedAfterMs) forget(id);
      }
    },
    count: () => entries.size,
  };
}
