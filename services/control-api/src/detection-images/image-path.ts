import { cameraIdSchema } from '@camplane/contracts/camera-id';

/** Where a frame's picture is, below the folder of pictures: `front-door/2026-11-21/133651.123-42.jpg`. */
export type PicturePlace = { cameraId: string; day: string; file: string };

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const filePattern = /^\d{6}\.\d{3}-\d{1,16}\.jpg$/;
const unfinishedPattern = /^\.\d{6}\.\d{3}-\d{1,16}\.jpg\.[a-z0-9]{1,32}\.part$/;

export const isDayName = (name: string): boolean => dayPattern.test(name);
export const isPictureName = (name: string): boolean => filePattern.test(name);
/** What a write leaves that was cut off. */
export const isUnfinishedName = (name: string): boolean => unfinishedPattern.test(name);
export const isCameraName = (name: string): boolean => cameraIdSchema.safeParse(name).success;

/**
 * The place of a frame's picture. The same frame has the same place, so a result that is delivered twice keeps one
 * picture; names of a day sort by time.
 *
 * @returns undefined where a part is not what it must be: a path is never made of anything else
 */
export function placeOf(frame: {
  cameraId: string;
  capturedAt: Date;
  sequence: number;
}): PicturePlace | undefined {
  const [day = '', time = ''] = frame.capturedAt.toISOString().split('T');
  const file = `${time.replaceAll(':', '').replace('Z', '')}-${frame.sequence}.jpg`;
  return checked({ cameraId: frame.cameraId, day, file });
}

export function pathOf({ cameraId, day, file }: PicturePlace): string {
  return `${cameraId}/${day}/${file}`;
}

/** The inverse of {@link pathOf}; undefined for what it did not make. */
export function parsePicturePath(path: string): PicturePlace | undefined {
  const [cameraId = '', day = '', file = '', ...rest] = path.split('/');
  return rest.length === 0 ? checked({ cameraId, day, file }) : undefined;
}

/** The day of a moment, in UTC, as folders are named. */
export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

function checked(place: PicturePlace): PicturePlace | undefined {
  return isCameraName(place.cameraId) && isDayName(place.day) && isPictureName(place.file)
    ? place
    : undefined;
}
