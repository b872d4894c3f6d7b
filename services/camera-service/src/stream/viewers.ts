import type { PathObservation } from '@camplane/mediamtx/path-observation';
import type { OwnReaders } from './own-readers.ts';

export type ViewerCounts = { total: number; webrtc: number; hls: number };

export const noViewers: ViewerCounts = { total: 0, webrtc: 0, hls: 0 };

export function addViewers(a: ViewerCounts, b: ViewerCounts): ViewerCounts {
  return { total: a.total + b.total, webrtc: a.webrtc + b.webrtc, hls: a.hls + b.hls };
}

/** Counts the readers of a path, without Camplane's own. */
export function countViewers(path: PathObservation | undefined, ownReaders: OwnReaders): ViewerCounts {
  const readers = ownReaders.viewersAmong(path?.readers ?? []);
  const count = (type: string) => readers.filter((reader) => reader.type === type).length;
  return { total: readers.length, webrtc: count('webRTCSession'), hls: count('hlsSession') };
}
