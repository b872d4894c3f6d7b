import { cameraIdSchema } from '@camplane/contracts/camera-id';

/** Location of an image below the folder of images: `front-door/2026-11-21/133651.123-42.jpg`. */
export type ImageLocation = { cameraId: string; day: string; file: string };

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const filePattern = /^\d{6}\.\d{3}-\d{1,16}\.jpg$/;
const unfinishedPattern = /^\.\d{6}\.\d{3}-\d{1,16}\.jpg\.[a-z0-9]{1,32}\.part$/;

export const isDayName = (name: string): boolean => dayPattern.test(name);
export const isImageName = (name: string): boolean => filePattern.test(name);
/** A file that an interrupted write left. */
export const isUnfinishedName = (name: string): boolean => unfinishedPattern.test(name);
export const isCameraName = (name: string): boolean => cameraIdSchema.safeParse(name).success;

/**
 * Location of a frame's image. It depends on the frame alone, so a result that is delivered twice is one file. Names
 * sort by time within a day.
 *
 * @returns undefined if a part is invalid, so that no path is ever built from unchecked text
 */
export function locateImage(frame: {
  cameraId: string;
  capturedAt: Date;
  sequence: number;
}): ImageLocation | undefined {
  const [day = '', time = ''] = frame.capturedAt.toISOString().split('T');
  const file = `${time.replaceAll(':', '').replace('Z', '')}-${frame.sequence}.jpg`;
  return validated({ cameraId: frame.cameraId, day, file });
}

export function pathOf({ cameraId, day, file }: ImageLocation): string {
  return `${cameraId}/${day}/${file}`;
}

/** The inverse of {@link pathOf}; undefined for any other text. */
export function parseImagePath(path: string): ImageLocation | undefined {
  const [cameraId = '', day = '', file = '', ...rest] = path.split('/');
  return rest.length === 0 ? validated({ cameraId, day, file }) : undefined;
}

/** A camera's image as one file name, `2026-11-21-133651.123-42.jpg`; undefined if the path is invalid. */
export function screenshotNameOf(path: string): string | undefined {
  const location = parseImagePath(path);
  return location && `${location.day}-${location.file}`;
}

/** The inverse of {@link screenshotNameOf}, with the capture time of the frame; undefined for any other text. */
export function locateScreenshot(
  cameraId: string,
  name: string,
): { cameraId: string; path: string; capturedAtMs: number } | undefined {
  const [day, file] = [name.slice(0, 10), name.slice(11)];
  const location = validated({ cameraId, day, file });
  if (!location || name[10] !== '-') return undefined;
  const [, hour, minute, second] = /^(\d\d)(\d\d)(\d\d\.\d{3})-/.exec(file) ?? [];
  const capturedAtMs = Date.parse(`${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(capturedAtMs) ? undefined : { cameraId, path: pathOf(location), capturedAtMs };
}

/** The name of a day's folder, in UTC. */
export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

function validated(location: ImageLocation): ImageLocation | undefined {
  return isCameraName(location.cameraId) && isDayName(location.day) && isImageName(location.file)
    ? location
    : undefined;
}
