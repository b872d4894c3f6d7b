import { detectionIdSchema } from '@camplane/contracts/detection';
import { CamplaneError } from '@camplane/contracts/problem';

/** Where a page begins: after this detection, in the order newest first. */
export type PagePosition = { capturedAt: Date; id: string };

/** PostgreSQL and ISO 8601 agree on the years 1 to 9999. */
const earliestMs = Date.parse('0001-01-01T00:00:00Z');
const latestMs = Date.parse('9999-12-31T23:59:59.999Z');

/** A moment that the database can compare with. */
export function clampTime(date: Date): Date {
  return new Date(Math.min(Math.max(date.getTime(), earliestMs), latestMs));
}

/** Opaque to clients. It begins with its version, so that a later form is told apart. */
export function encodeCursor({ capturedAt, id }: PagePosition): string {
  return Buffer.from(`1 ${capturedAt.getTime()} ${id}`).toString('base64url');
}

/** @throws CamplaneError `invalid-query` for what {@link encodeCursor} did not make */
export function decodeCursor(cursor: string): PagePosition {
  const [version, time = '', id, ...rest] = Buffer.from(cursor, 'base64url').toString('latin1').split(' ');
  const timeMs = Number(time);
  if (
    version === '1' &&
    rest.length === 0 &&
    /^-?\d{1,15}$/.test(time) &&
    timeMs >= earliestMs &&
    timeMs <= latestMs
  ) {
    const parsed = detectionIdSchema.safeParse(id);
    const position = parsed.success && { capturedAt: new Date(timeMs), id: parsed.data };
    // Base64 can write one text in several ways; only ours is one of ours.
    if (position && encodeCursor(position) === cursor) return position;
  }
  const message = 'is not a cursor of this API: use nextCursor of the page before, unchanged';
  throw new CamplaneError('invalid-query', `cursor: ${message}`, { fields: [{ path: 'cursor', message }] });
}
