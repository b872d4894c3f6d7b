import { desc, gte, inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import { mediaSessionTable } from '../store/access-schema.ts';
import type { MediaSessionRow } from '../store/access-schema.ts';
import type { Store } from '../store/store.ts';
import type { MediaSession } from './media-sessions.ts';

/** The table of media sessions. Every method may throw CamplaneError `store-unavailable`. */
export type MediaSessionTable = {
  /** Adds or replaces sessions. */
  write(sessions: readonly MediaSession[]): Promise<void>;
  /** Sessions that were written at this moment or later, and when the newest was; all of them without a moment. */
  read(since: Date | null): Promise<{ sessions: MediaSession[]; newestAt: Date | null }>;
  remove(ids: readonly string[]): Promise<void>;
};

const rowsMax = 20_000;

export function createMediaSessionTable(store: Pick<Store, 'use'>): MediaSessionTable {
  return {
    write: async (sessions) => {
      const rows = sessions.map(rowOf);
      await store.use((db) =>
        db
          .insert(mediaSessionTable)
          .values(rows)
          .onConflictDoUpdate({
            target: mediaSessionTable.id,
            set: {
              protocol: sql`excluded.protocol`,
              cameraId: sql`excluded.camera_id`,
              userId: sql`excluded.user_id`,
              credentialKind: sql`excluded.credential_kind`,
              credentialId: sql`excluded.credential_id`,
              ticketId: sql`excluded.ticket_id`,
              ticketExpiresAt: sql`excluded.ticket_expires_at`,
              writtenAt: sql`excluded.written_at`,
            },
          }),
      );
    },
    read: async (since) => {
      const rows = await store.use((db) =>
        db
          .select()
          .from(mediaSessionTable)
          .where(since === null ? undefined : gte(mediaSessionTable.writtenAt, since))
          .orderBy(desc(mediaSessionTable.writtenAt))
          .limit(rowsMax),
      );
      return { sessions: rows.flatMap(sessionOf), newestAt: rows[0]?.writtenAt ?? null };
    },
    remove: async (ids) => {
      await store.use((db) => db.delete(mediaSessionTable).where(inArray(mediaSessionTable.id, [...ids])));
    },
  };
}

function rowOf({ id, protocol, cameraId, user, ticket }: MediaSession) {
  return {
    ...{ id, protocol, cameraId, userId: user.userId },
    credentialKind: user.credential.kind,
    credentialId: user.credential.id,
    ticketId: ticket?.id ?? null,
    ticketExpiresAt: ticket ? new Date(ticket.expiresMs) : null,
  };
}

const credentialKindSchema = z.enum(['session', 'token']);

/**
 * Without rights: they are read at each check. None for a credential that carries groups, which the table does not have.
 */
function sessionOf(row: MediaSessionRow): MediaSession[] {
  const kind = credentialKindSchema.safeParse(row.credentialKind);
  if (!kind.success) return [];
  const { id, protocol, cameraId, userId, credentialId, ticketId, ticketExpiresAt } = row;
  return [
    {
      ...{ id, protocol, cameraId },
      user: {
        ...{ kind: 'user', userId, username: '', limits: [] },
        credential: { kind: kind.data, id: credentialId },
      },
      ticket:
        ticketId !== null && ticketExpiresAt ? { id: ticketId, expiresMs: ticketExpiresAt.getTime() } : null,
    },
  ];
}
