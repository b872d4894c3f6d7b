import { cameraIdSchema } from '@camplane/contracts/camera-id';
import type { DetectorName } from '@camplane/contracts/camera';
import { labelSchema } from '@camplane/contracts/detection';
import type { DetectionEntry } from '@camplane/contracts/detection';
import type { DetectionParameters } from '../api/detections.ts';

/** Which detections a list shows. Part of the page's address. */
export type DetectionFilter = {
  cameraId: string | null;
  label: string | null;
  /** 0–1. */
  minConfidence: number | null;
  /** ISO 8601; `from` is inclusive, `to` exclusive. */
  from: string | null;
  to: string | null;
  /** Includes motion without a recognised object, which is frequent. */
  motion: boolean;
};

export const noFilter: DetectionFilter = {
  cameraId: null,
  label: null,
  minConfidence: null,
  from: null,
  to: null,
  motion: false,
};

const objectDetectors: readonly DetectorName[] = ['person', 'http', 'onnx'];

/** Reads the query of an address. Ignores invalid values. */
export function parseFilter(query: URLSearchParams): DetectionFilter {
  const cameraId = cameraIdSchema.safeParse(query.get('camera'));
  const label = labelSchema.safeParse(query.get('label'));
  return {
    cameraId: cameraId.success ? cameraId.data : null,
    label: label.success ? label.data : null,
    minConfidence: parseFraction(query.get('confidence')),
    from: parseTime(query.get('from')),
    to: parseTime(query.get('to')),
    motion: query.get('motion') === 'on',
  };
}

/** The inverse of {@link parseFilter}: without `?`, empty for no filter. */
export function filterQuery(filter: DetectionFilter): string {
  const { cameraId, label, minConfidence, from, to, motion } = filter;
  const query = new URLSearchParams();
  if (cameraId !== null) query.set('camera', cameraId);
  if (label !== null) query.set('label', label);
  if (minConfidence !== null) query.set('confidence', String(minConfidence));
  if (from !== null) query.set('from', from);
  if (to !== null) query.set('to', to);
  if (motion) query.set('motion', 'on');
  return query.toString();
}

/** Query parameters for the API. It has no exclusion, so `motion` is excluded by naming all other detectors. */
export function filterParameters(filter: DetectionFilter): DetectionParameters {
  const { cameraId, label, minConfidence, from, to } = filter;
  return {
    ...(cameraId === null ? {} : { cameraId }),
    ...(label === null ? {} : { label }),
    ...(minConfidence === null ? {} : { minConfidence: String(minConfidence) }),
    ...(from === null ? {} : { from }),
    ...(to === null ? {} : { to }),
    ...(withMotion(filter) ? {} : { detector: objectDetectors }),
  };
}

/** Applies the filter to a live detection as the API does to stored ones. */
export function passesFilter(
  filter: DetectionFilter,
  cameraId: string,
  capturedMs: number,
  { label, confidence, detector }: Pick<DetectionEntry, 'label' | 'confidence' | 'detector'>,
): boolean {
  return (
    (filter.cameraId === null || filter.cameraId === cameraId) &&
    (filter.label === null || filter.label === label) &&
    (filter.minConfidence === null || confidence >= filter.minConfidence) &&
    (filter.from === null || capturedMs >= Date.parse(filter.from)) &&
    (filter.to === null || capturedMs < Date.parse(filter.to)) &&
    (withMotion(filter) || detector !== 'motion')
  );
}

/** The number of filters in the collapsed part of the form. */
export function collapsedFilterCount({ label, minConfidence, from, to }: DetectionFilter): number {
  return [label, minConfidence, from, to].filter((value) => value !== null).length;
}

export function isFiltered(filter: DetectionFilter): boolean {
  return filter.cameraId !== null || collapsedFilterCount(filter) > 0;
}

/** A value for `<input type="datetime-local">`, in the user's time zone; empty for null. */
export function localInputText(moment: string | null): string {
  if (moment === null) return '';
  const time = new Date(moment);
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** The inverse of {@link localInputText}. */
export function parseLocalInput(text: string): string | null {
  const time = text === '' ? Number.NaN : new Date(text).getTime();
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

function withMotion({ motion, label }: DetectionFilter): boolean {
  return motion || label === 'motion';
}

function parseFraction(text: string | null): number | null {
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return value > 0 && value <= 1 ? value : null;
}

function parseTime(text: string | null): string | null {
  const time =
    text === null || !/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
