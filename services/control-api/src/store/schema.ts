import { integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/**
 * The tables, in PostgreSQL's dialect; PGlite is the same database. JSON columns are `unknown` here on
 * purpose: rows are parsed where they enter (`cameras/camera-row.ts`), because a database can be edited by hand
 * or be newer than this program.
 */
export const cameraTable = pgTable('camera', {
  id: text('id').primaryKey(),
  spec: jsonb('spec').$type<unknown>().notNull(),
  credentials: jsonb('credentials').$type<unknown>(),
  generation: integer('generation').notNull().default(1),
  startRequestedAt: timestamp('start_requested_at', { withTimezone: true, mode: 'date' }),
  createdAt: timestamp('created_at', { withTimezone: true, mode: 'date' }).notNull(),
  updatedAt: timestamp('updated_at', { withTimezone: true, mode: 'date' }).notNull(),
});

export type CameraRow = typeof cameraTable.$inferSelect;
