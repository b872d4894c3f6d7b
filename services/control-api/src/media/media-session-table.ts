import { desc, gte, inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import { externalClaimsSchema } from '../access/external/external-credential.ts';
import type { ExternalClaims } from '../access/external/external-credential.ts';
import type { Credential, ExternalCredential } from '../access/principal.ts';
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
              credentialClaims: sql`excluded.credential_claims`,
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
    credentialClaims: 'issuer' in user.credential ? claimsOf(user.credential) : null,
    ticketId: ticket?.id ?? null,
    ticketExpiresAt: ticket ? new Date(ticket.expiresMs) : null,
  };
}

function claimsOf({ kind: _kind, id: _id, ...claims }: ExternalCredential): ExternalClaims {
  return { ...claims, groups: [...claims.groups] };
}

const credentialSchema = z.union([
  z.object({ kind: z.enum(['session', 'token']), id: z.string() }),
  z.object({ kind: z.enum(['jwt', 'proxy']), id: z.string(), claims: externalClaimsSchema }),
]);

/** Without rights, which are read at each check. Empty for a row that was written before claims were stored. */
function sessionOf(row: MediaSessionRow): MediaSession[] {
  const { id, protocol, cameraId, userId, ticketId, ticketExpiresAt } = row;
  const { credentialKind, credentialId, credentialClaims } = row;
  const parsed = credentialSchema.safeParse({
    ...{ kind: credentialKind, id: credentialId, claims: credentialClaims },
  });
  if (!parsed.success) return [];
  const credential: Credential =
    'claims' in parsed.data
      ? { kind: parsed.data.kind, id: parsed.data.id, ...parsed.data.claims }
      : parsed.data;
  return [
    {
      ...{ id, protocol, cameraId },
      user: { ...{ kind: 'user', userId, username: '', limits: [] }, credential },
      ticket:
        ticketId !== null && ticketExpiresAt ? { id: ticketId, expiresMs: ticketExpiresAt.getTime() } : null,
    },
  ];
}
