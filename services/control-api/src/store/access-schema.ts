import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

/**
 * The tables of access control. JSON columns are `unknown`: `access/identity.ts` parses them. Secrets of sessions and
 * API tokens are stored as SHA-256, passwords as argon2id, so that a stolen database contains no usable secret.
 */
export const userTable = pgTable(
  'access_user',
  {
    id: uuid('id').primaryKey(),
    username: text('username').notNull().unique(),
    displayName: text('display_name').notNull(),
    /** Null for a user who signs in elsewhere: the next two say who that is. */
    passwordHash: text('password_hash'),
    /** Issuer identifier of OpenID Connect, or `proxy`. */
    externalIssuer: text('external_issuer'),
    /** Unique and permanent at the issuer. */
    externalSubject: text('external_subject'),
    enabled: boolean('enabled').notNull(),
    grants: jsonb('grants').$type<unknown>().notNull(),
    /** Addresses that have signed in, newest first. */
    knownAddresses: jsonb('known_addresses').$type<unknown>().notNull(),
    createdAt: time('created_at').notNull(),
    lastLoginAt: time('last_login_at'),
  },
  (table) => [uniqueIndex('access_user_external').on(table.externalIssuer, table.externalSubject)],
);
export type UserRow = typeof userTable.$inferSelect;

/** Roles of this installation. Built-in ones are in the code. */
export const roleTable = pgTable('access_role', {
  name: text('name').primaryKey(),
  permissions: jsonb('permissions').$type<unknown>().notNull(),
});
export type RoleRow = typeof roleTable.$inferSelect;

export const sessionTable = pgTable('access_session', {
  id: uuid('id').primaryKey(),
  userId: userId(),
  secretHash: text('secret_hash').notNull().unique(),
  createdAt: time('created_at').notNull(),
  lastUsedAt: time('last_used_at').notNull(),
  /** An end before the limits that apply to all sessions. */
  endsAt: time('ends_at'),
  address: text('address').notNull(),
  userAgent: text('user_agent').notNull(),
});
export type SessionRow = typeof sessionTable.$inferSelect;

export const tokenTable = pgTable('access_token', {
  id: uuid('id').primaryKey(),
  userId: userId(),
  secretHash: text('secret_hash').notNull().unique(),
  name: text('name').notNull(),
  permissions: jsonb('permissions').$type<unknown>().notNull(),
  scope: jsonb('scope').$type<unknown>().notNull(),
  createdAt: time('created_at').notNull(),
  expiresAt: time('expires_at'),
  lastUsedAt: time('last_used_at'),
});
export type TokenRow = typeof tokenTable.$inferSelect;

/** One row. Every change of the tables above increments it, so that other replicas read them again. */
export const revisionTable = pgTable('access_revision', {
  id: integer('id').primaryKey(),
  revision: bigint('revision', { mode: 'number' }).notNull(),
});

/** Attempts to sign in, as RateLimiterPostgres of rate-limiter-flexible writes them. */
export const loginAttemptTable = pgTable('login_attempt', {
  key: text('key').primaryKey(),
  points: integer('points').notNull().default(0),
  /** Milliseconds since 1970. */
  expire: bigint('expire', { mode: 'number' }),
});

/**
 * Sessions of readers in MediaMTX: which credential opened each, so that every replica, also one that starts later, can
 * end them. `credential_id` refers to no row: the session of a deleted credential has to be found.
 */
export const mediaSessionTable = pgTable(
  'media_session',
  {
    /** MediaMTX's. */
    id: text('id').primaryKey(),
    protocol: text('protocol').notNull(),
    cameraId: text('camera_id').notNull(),
    userId: text('user_id').notNull(),
    credentialKind: text('credential_kind').notNull(),
    credentialId: text('credential_id').notNull(),
    /** Issuer, groups and expiry of a credential that is stored nowhere: an access token, or the word of a proxy. */
    credentialClaims: jsonb('credential_claims').$type<unknown>(),
    /** A ticket that admits one session alone. */
    ticketId: text('ticket_id'),
    ticketExpiresAt: time('ticket_expires_at'),
    writtenAt: time('written_at').notNull().defaultNow(),
  },
  (table) => [index('media_session_newest').on(table.writtenAt)],
);
export type MediaSessionRow = typeof mediaSessionTable.$inferSelect;

export const auditTable = pgTable(
  'audit_entry',
  {
    id: uuid('id').primaryKey(),
    at: time('at').notNull(),
    action: text('action').notNull(),
    outcome: text('outcome').notNull(),
    username: text('username'),
    method: text('method').notNull(),
    credentialId: text('credential_id'),
    cameraId: text('camera_id'),
    address: text('address').notNull(),
    detail: text('detail').notNull(),
  },
  (table) => [
    // Read backwards, newest first.
    index('audit_entry_newest').on(table.at, table.id),
    index('audit_entry_newest_of_user').on(table.username, table.at, table.id),
    index('audit_entry_newest_of_camera').on(table.cameraId, table.at, table.id),
  ],
);
export type AuditRow = typeof auditTable.$inferSelect;

function time(name: string) {
  return timestamp(name, { withTimezone: true, mode: 'date', precision: 3 });
}

function userId() {
  return uuid('user_id')
    .notNull()
    .references(() => userTable.id, { onDelete: 'cascade' });
}
