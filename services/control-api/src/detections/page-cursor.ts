import { detectionIdSchema } from '@camplane/contracts/detection';
import { CamplaneError } from '@camplane/contracts/problem';

/** The last detection of the previous page. */
export type PagePosition = { capturedAt: Date; id: string };

/** Years that both PostgreSQL and ISO 8601 can represent: 1 to 9999. */
const earliestMs = Date.parse('0001-01-01T00:00:00Z');
const latestMs = Date.parse('9999-12-31T23:59:59.999Z');

/** A time that the database can compare with. */
export function clampTime(date: Date): Date {
  return new Date(Math.min(Math.max(date.getTime(), earliestMs), latestMs));
}

/** Opaque to clients. Starts with a version. */
export function encodeCursor({ capturedAt, id }: PagePosition): string {
  return Buffer.from(`1 ${capturedAt.getTime()} ${id}`).toString('base64url');
}

/** @throws CamplaneError `invalid-query` for anything that {@link encodeCursor} does not return */
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
    // Several base64 texts decode to the same bytes; only one is a cursor.
    if (position && encodeCursor(position) === cursor) return position;
  }
  const message = 'is not a cursor of this API: use nextCursor of the previous page, unchanged';
  throw new CamplaneError('invalid-query', `cursor: ${message}`, { fields: [{ path: 'cursor', message }] });
}
