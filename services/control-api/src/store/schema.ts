import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  doublePrecision,
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
 * The tables. JSON columns are `unknown`: `cameras/camera-row.ts` parses them, because a database can be edited by
 * hand or be newer than this program.
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

/** Detections, which are never updated: the id alone deduplicates messages that are delivered twice. */
export const detectionTable = pgTable(
  'detection',
  {
    id: uuid('id').primaryKey(),
    cameraId: text('camera_id').notNull(),
    detector: text('detector').notNull(),
    label: text('label').notNull(),
    confidence: doublePrecision('confidence').notNull(),
    boxX: doublePrecision('box_x').notNull(),
    boxY: doublePrecision('box_y').notNull(),
    boxWidth: doublePrecision('box_width').notNull(),
    boxHeight: doublePrecision('box_height').notNull(),
    trackId: uuid('track_id').notNull(),
    capturedAt: timestamp('captured_at', { withTimezone: true, mode: 'date', precision: 3 }).notNull(),
    sequence: bigint('sequence', { mode: 'number' }).notNull(),
    frameWidth: integer('frame_width').notNull(),
    frameHeight: integer('frame_height').notNull(),
    /** Image file below FRAME_STORAGE_PATH, or null. Retention of images may have deleted the file. */
    picture: text('picture'),
    /** Whether it was the first stored detection of its track. */
    isFirstOfTrack: boolean('is_first_of_track').notNull(),
  },
  (table) => [
    // Read backwards, newest first.
    index('detection_newest').on(table.capturedAt, table.id),
    index('detection_newest_of_camera').on(table.cameraId, table.capturedAt, table.id),
    index('detection_newest_of_label').on(table.label, table.capturedAt, table.id),
    index('detection_newest_of_track').on(table.trackId, table.capturedAt, table.id),
    index('detection_newest_first_of_track')
      .on(table.capturedAt, table.id)
      .where(sql`${table.isFirstOfTrack}`),
    // Prevents two replicas from both storing the first of a track.
    uniqueIndex('detection_first_of_track')
      .on(table.trackId)
      .where(sql`${table.isFirstOfTrack}`),
  ],
);

export type DetectionRow = typeof detectionTable.$inferSelect;
