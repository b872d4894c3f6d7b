import { cameraIdSchema } from '@camplane/contracts/camera-id';
import type { DetectorName } from '@camplane/contracts/camera';
import { labelSchema } from '@camplane/contracts/detection';
import type { DetectionEntry } from '@camplane/contracts/detection';
import type { DetectionParameters } from '../api/detections.ts';

/** Which detections a list shows. It stands in the page's address, so that it can be kept and sent. */
export type DetectionFilter = {
  cameraId: string | null;
  label: string | null;
  /** 0–1. */
  minConfidence: number | null;
  /** ISO 8601: from this moment on, and before that one. */
  from: string | null;
  to: string | null;
  /** Motion that nothing was recognised in, too: there is a lot of it. */
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

const recognisers: readonly DetectorName[] = ['person', 'http', 'onnx'];

/** Reads the query of an address; what makes no sense there is passed over. */
export function parseFilter(query: URLSearchParams): DetectionFilter {
  const cameraId = cameraIdSchema.safeParse(query.get('camera'));
  const label = labelSchema.safeParse(query.get('label'));
  return {
    cameraId: cameraId.success ? cameraId.data : null,
    label: label.success ? label.data : null,
    minConfidence: fractionOf(query.get('confidence')),
    from: momentOf(query.get('from')),
    to: momentOf(query.get('to')),
    motion: query.get('motion') === 'on',
  };
}

/** The inverse of {@link parseFilter}: without a `?`, and empty where nothing is filtered. */
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

/** What the API is asked for: `motion` is left out by naming all others, as it knows no exception. */
export function filterParameters(filter: DetectionFilter): DetectionParameters {
  const { cameraId, label, minConfidence, from, to } = filter;
  return {
    ...(cameraId === null ? {} : { cameraId }),
    ...(label === null ? {} : { label }),
    ...(minConfidence === null ? {} : { minConfidence: String(minConfidence) }),
    ...(from === null ? {} : { from }),
    ...(to === null ? {} : { to }),
    ...(withMotion(filter) ? {} : { detector: recognisers }),
  };
}

/** Whether a detection that was just heard of belongs in the list; the same choice as the API's. */
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

/** How many choices were made, besides the camera and `motion`, which are always seen. */
export function hiddenChoices({ label, minConfidence, from, to }: DetectionFilter): number {
  return [label, minConfidence, from, to].filter((choice) => choice !== null).length;
}

export function isFiltered(filter: DetectionFilter): boolean {
  return filter.cameraId !== null || hiddenChoices(filter) > 0;
}

/** A moment as `<input type="datetime-local">` takes it, in the reader's zone; empty for none. */
export function localInputText(moment: string | null): string {
  if (moment === null) return '';
  const time = new Date(moment);
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** The inverse of {@link localInputText}. */
export function momentOfInput(text: string): string | null {
  const time = text === '' ? Number.NaN : new Date(text).getTime();
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

function withMotion({ motion, label }: DetectionFilter): boolean {
  return motion || label === 'motion';
}

function fractionOf(text: string | null): number | null {
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return value > 0 && value <= 1 ? value : null;
}

function momentOf(text: string | null): string | null {
  const time =
    text === null || !/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
