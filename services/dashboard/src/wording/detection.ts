import type { DetectorName } from '@camplane/contracts/camera';

/** A label as a heading: `Person`. */
export function labelText(label: string): string {
  return `${label.charAt(0).toUpperCase()}${label.slice(1)}`;
}

/** `87 %`. */
export function confidenceText(confidence: number): string {
  return `${Math.round(confidence * 100)} %`;
}

export const detectorTexts: Record<DetectorName, string> = {
  motion: 'motion',
  person: 'person',
  http: 'AI service (http)',
  onnx: 'model (onnx)',
};

/** In one unit: `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago`. */
export function coarseAgoText(thenMs: number, nowMs: number): string {
  const seconds = Math.floor((nowMs - thenMs) / 1000);
  if (seconds < 2) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** The time, with the date unless it is today. `zone` is for tests. */
export function clockText(thenMs: number, nowMs: number, zone?: string): string {
  const options = zone === undefined ? {} : { timeZone: zone };
  const day = new Intl.DateTimeFormat('en-CA', { ...options, dateStyle: 'short' });
  const time = new Intl.DateTimeFormat('en-GB', { ...options, timeStyle: 'medium' }).format(thenMs);
  if (day.format(thenMs) === day.format(nowMs)) return time;
  const date = new Intl.DateTimeFormat('en-GB', { ...options, day: 'numeric', month: 'short' });
  return `${date.format(thenMs)}, ${time}`;
}

/** `Thursday, 1 January 2026 at 00:00:10`. */
export function exactText(thenMs: number, zone?: string): string {
  const options = zone === undefined ? {} : { timeZone: zone };
  return new Intl.DateTimeFormat('en-GB', { ...options, dateStyle: 'full', timeStyle: 'medium' }).format(
    thenMs,
  );
}

/** The file name of a download: `front-door 2026-01-01 00-00-10 person.jpg`, in UTC. */
export function imageFileName(of: { cameraId: string; capturedAt: string; label: string }): string {
  const time = new Date(of.capturedAt).toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '-');
  return `${of.cameraId} ${time} ${of.label.replaceAll(/[^\p{L}\p{N} _-]/gu, '_')}.jpg`;
}
